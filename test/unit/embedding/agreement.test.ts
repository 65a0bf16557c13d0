import { createAgreement, createEmbedder } from '../../../lib/embedding';
import { type EngineAddress, EnginePool, type PoolOptions } from '../../../lib/engine';
import {
	type Reply,
	type ReplayRequest,
	type ReplayServer,
	replayServer,
} from '../engine/support/replayServer';

let open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(open.map((one) => one.close()));
	open = [];
});

async function engine(
	reply: (request: ReplayRequest, count: number) => Reply | Promise<Reply>,
): Promise<ReplayServer> {
	const server = await replayServer(reply);
	open.push(server);
	return server;
}

function poolOf(
	engines: readonly (Partial<EngineAddress> & { readonly baseUrl: string })[],
	options: PoolOptions = {},
): EnginePool {
	const pool = new EnginePool(
		engines.map((address, i) => ({
			name: `e${i + 1}`,
			dialect: 'openai',
			models: { embedding: 'm' },
			...address,
		})),
		{ rounds: 0, agreement: createAgreement(), ...options },
	);
	open.unshift(pool);
	return pool;
}

const inputsOf = (request: ReplayRequest): string[] => {
	const { body } = request;
	if (typeof body !== 'object' || body === null) return [];
	const input: unknown = Reflect.get(body, 'input') ?? Reflect.get(body, 'inputs');
	return Array.isArray(input) ? input.map(String) : typeof input === 'string' ? [input] : [];
};
/** A vector that tells which text it is for. */
const vectorOf = (text: string, salt = 0): number[] => [
	text.length + salt,
	text.charCodeAt(0) || 0,
	(text.charCodeAt(text.length - 1) || 0) - salt,
];
const answers = (request: ReplayRequest, salt = 0): Reply => ({
	status: 200,
	body: {
		data: inputsOf(request)
			.map((text, index) => ({ index, embedding: vectorOf(text, salt) }))
			.reverse(),
		usage: { prompt_tokens: inputsOf(request).length },
	},
});
describe('several engines', () => {
	test('share the work only if they make the same vectors', async () => {
		const one = await engine((request) => answers(request));
		const same = await engine((request) => answers(request));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: same.url }]);
		await pool.embed(
			Array.from({ length: 40 }, (_, i) => `text ${i}`),
			{ batchSize: 5, concurrency: 4 },
		);
		const count = (server: ReplayServer) =>
			server.requests.filter((request) => inputsOf(request)[0]?.startsWith('text')).length;
		expect(count(one)).toBeGreaterThan(0);
		expect(count(same)).toBeGreaterThan(0);
		expect(count(one) + count(same)).toBe(8);
	});

	test('another model is left out, and the attempts say why', async () => {
		const one = await engine((request) => answers(request));
		const other = await engine((request) => answers(request, 5_000));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: other.url }]);
		const result = await pool.embed(
			Array.from({ length: 40 }, (_, i) => `text ${i}`),
			{ batchSize: 5, concurrency: 4, normalize: false },
		);
		expect(result.vectors.every((vector, i) => vector[0] === `text ${i}`.length)).toBe(true);
		expect(result.attempts).toContainEqual(
			expect.objectContaining({
				engine: 'e2',
				outcome: 'unsupported',
				message: expect.stringMatching(/other vectors than e1/),
			}),
		);
	});
});

describe('engines that change', () => {
	test('one that comes back with another model no longer embeds beside those that agreed with the old one', async () => {
		let salt = 0;
		let gone = false;
		const one = await engine((request) => (gone ? 'fin' : answers(request, salt)));
		const two = await engine((request) => answers(request));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url }]);
		const by = (name: string) => pool.embed(['text'], { normalize: false }, { engines: [name] });
		await by('e1');
		expect((await by('e2')).vectors[0]?.[0]).toBe(4);
		gone = true;
		await expect(by('e1')).rejects.toMatchObject({ kind: 'unreachable' });
		gone = false;
		salt = 5_000;
		expect((await by('e1')).vectors[0]?.[0]).toBe(5_004);
		await expect(by('e2')).rejects.toMatchObject({
			kind: 'unsupported',
			message: expect.stringMatching(/other vectors than e1/),
		});
	});

	test('vectors of two models never come back from one call', async () => {
		let salt = 0;
		const one = await engine((request) => {
			if (!inputsOf(request).includes('text 1') || salt > 0) return answers(request, salt);
			salt = 5_000;
			return 'fin';
		});
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: 'http://127.0.0.1:1' }], { rounds: 2 });
		await expect(
			pool.embed(['text 0', 'text 1'], { batchSize: 1, concurrency: 1 }, { engines: ['e1'] }),
		).rejects.toMatchObject({ kind: 'invalidRequest', message: expect.stringMatching(/another model/) });
	});
});

test('an embedder over a pool refuses the vectors of an engine with another model under the same name', async () => {
	let gone = false;
	const one = await engine((request) => (gone ? 'fin' : answers(request)));
	const other = await engine((request) => answers(request, 5_000));
	const pool = poolOf([{ baseUrl: one.url }, { baseUrl: other.url, tier: 1 }]);
	const embedder = createEmbedder({ pool, model: 'm' });
	await embedder.embedQuery('first');
	gone = true;
	await expect(embedder.embedQuery('second')).rejects.toMatchObject({
		attempts: expect.arrayContaining([
			expect.objectContaining({
				engine: 'e2',
				outcome: 'unsupported',
				message: expect.stringMatching(/other vectors than e1/),
			}),
		]),
	});
});

test('engines that run one model in different precision agree; another quantization that moves further does not', async () => {
	const turned = (angle: number) => (request: ReplayRequest) => ({
		status: 200,
		body: {
			data: inputsOf(request).map((_, index) => ({ index, embedding: [Math.cos(angle), Math.sin(angle)] })),
		},
	});
	const exact = await engine(turned(0));
	const near = await engine(turned(Math.acos(0.9993)));
	const far = await engine(turned(Math.acos(0.998)));
	const embed = (second: ReplayServer) => {
		const pool = poolOf([{ baseUrl: exact.url }, { baseUrl: second.url }]);
		return pool.embed(['a'], {}, { engines: ['e1'] }).then(() => pool.embed(['a'], {}, { engines: ['e2'] }));
	};
	expect((await embed(near)).engine).toBe('e2');
	await expect(embed(far)).rejects.toMatchObject({ kind: 'unsupported' });
});
