import { type EngineAddress, EnginePool, type PoolOptions } from '../../../lib/engine';
import { planBatches } from '../../../lib/engine/embedding/batches';
import { type Reply, type ReplayRequest, type ReplayServer, replayServer } from './support/replayServer';
import { transcript } from './support/transcripts';

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
		{ rounds: 0, ...options },
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
const tooLong = (tokens: number, limit: number): Reply => ({
	status: 500,
	body: {
		error: {
			code: 500,
			message: `input (${tokens} tokens) is too large to process. increase the physical batch size (current batch size: ${limit})`,
			type: 'server_error',
		},
	},
});

describe('embedding', () => {
	test('order is kept over batches that finish in any order, and rows are put in order by their index', async () => {
		const server = await engine(async (request, count) => {
			await new Promise((resolve) => setTimeout(resolve, count % 2 === 1 ? 30 : 1));
			return answers(request);
		});
		const texts = Array.from({ length: 23 }, (_, i) => 'x'.repeat(i + 1));
		const result = await poolOf([{ baseUrl: server.url }]).embed(texts, {
			batchSize: 4,
			concurrency: 3,
			normalize: false,
		});
		expect(result.vectors.map((vector) => vector[0])).toEqual(texts.map(({ length }) => length));
		expect(server.requests.map((request) => inputsOf(request).length).sort()).toEqual([3, 4, 4, 4, 4, 4]);
		expect(result).toMatchObject({ dimensions: 3, engine: 'e1', model: 'm', usage: { promptTokens: 23 } });
	});

	test('answers in decimal numbers are kept small enough to parse; base64 ones may be larger', async () => {
		const texts = Array.from({ length: 200 }, (_, i) => `t${i}`);
		const numbers = await engine((request) => answers(request));
		await poolOf([{ baseUrl: numbers.url }]).embed(texts);
		expect(Math.max(...numbers.requests.map((request) => inputsOf(request).length))).toBe(64);
		const base64 = await engine((request) => answers(request));
		await poolOf([{ baseUrl: base64.url, dialect: 'vllm' }]).embed(texts);
		expect(Math.max(...base64.requests.map((request) => inputsOf(request).length))).toBe(128);
	});

	test('vectors come back at unit length', async () => {
		const server = await engine((request) => answers(request));
		const { vectors } = await poolOf([{ baseUrl: server.url }]).embed(['abc']);
		expect(Math.hypot(...(vectors[0] ?? []))).toBeCloseTo(1, 5);
	});

	test('the prefix goes before every text', async () => {
		const server = await engine((request) => answers(request));
		await poolOf([{ baseUrl: server.url }]).embed(['a', 'b'], { prefix: 'query: ' });
		expect(server.requests.map(inputsOf)).toEqual([['query: a', 'query: b']]);
	});

	test('an empty text gets a zero vector and a flag, and is not sent', async () => {
		const server = await engine((request) => answers(request));
		const { vectors, flags } = await poolOf([{ baseUrl: server.url }]).embed(['a', ' \n', 'b']);
		expect(flags).toEqual([undefined, 'empty', undefined]);
		expect([...(vectors[1] ?? [])]).toEqual([0, 0, 0]);
		expect(server.requests.map(inputsOf)).toEqual([['a', 'b']]);
	});

	test('too few vectors, broken numbers and vectors of two lengths are bad answers', async () => {
		const bodies = [
			{ data: [] },
			{ data: [{ index: 0, embedding: [1, null] }] },
			{
				data: [
					{ index: 0, embedding: [1, 2] },
					{ index: 1, embedding: [1] },
				],
			},
			{ data: [{ index: 0, embedding: '//8=' }] },
		];
		for (const body of bodies) {
			const server = await engine(() => ({ status: 200, body }));
			await expect(
				poolOf([{ baseUrl: server.url }]).embed(body.data.length === 2 ? ['a', 'b'] : ['a']),
			).rejects.toMatchObject({ kind: 'badAnswer' });
		}
	});

	test('fewer dimensions are asked for, or cut and scaled where the engine ignores it', async () => {
		const server = await engine((request) => answers(request));
		const { vectors, dimensions } = await poolOf([{ baseUrl: server.url }]).embed(['abc'], { dimensions: 2 });
		expect(server.requests[0]?.body).toMatchObject({ dimensions: 2 });
		expect(dimensions).toBe(2);
		expect(Math.hypot(...(vectors[0] ?? []))).toBeCloseTo(1, 5);
	});
});

describe('vectors of another model than the one asked for', () => {
	const answering = (model: string) => (request: ReplayRequest) =>
		request.path === '/v1/models'
			? { status: 200, body: { data: [{ id: 'wanted' }, { id: 'other' }] } }
			: { status: 200, body: { model, data: [{ index: 0, embedding: [1, 2] }] } };

	test('are refused where the engine’s list tells the two apart', async () => {
		const server = await engine(answering('other'));
		await expect(poolOf([{ baseUrl: server.url }]).embed(['a'], { model: 'wanted' })).rejects.toMatchObject({
			kind: 'modelNotFound',
			message: expect.stringContaining('was asked to embed with "wanted" and answered with "other"'),
		});
	});

	test('are not suspected where a proxy has a name of its own for the model', async () => {
		const server = await engine(answering('text-embedding-of-the-maker'));
		const { model } = await poolOf([{ baseUrl: server.url }]).embed(['a'], { model: 'wanted' });
		expect(model).toBe('wanted');
	});
});

describe('texts that are too long', () => {
	const LIMIT = 100;
	/** An engine whose token is a character; the whole batch fails when one text is too long, as in llama.cpp. */
	const strict = (request: ReplayRequest): Reply => {
		const long = inputsOf(request).find(({ length }) => length > LIMIT);
		return long === undefined ? answers(request) : tooLong(long.length, LIMIT);
	};
	const texts = ['a', 'b'.repeat(450), 'c', 'd', '', 'e'];

	test('fail, and the error says which one', async () => {
		const server = await engine(strict);
		await expect(poolOf([{ baseUrl: server.url }]).embed(texts)).rejects.toMatchObject({
			kind: 'contextExceeded',
			inputIndex: 1,
			promptTokens: 450,
			contextTokens: LIMIT,
		});
	});

	test('are cut and flagged', async () => {
		const server = await engine(strict);
		const { vectors, flags } = await poolOf([{ baseUrl: server.url }]).embed(texts, {
			onTooLong: 'truncate',
			normalize: false,
		});
		expect(flags).toEqual([undefined, 'truncated', undefined, undefined, 'empty', undefined]);
		expect(vectors.map((vector) => vector[0])).toEqual([1, 95, 1, 1, 0, 1]);
	});

	test('are averaged over their parts and flagged', async () => {
		const server = await engine(strict);
		const { vectors, flags } = await poolOf([{ baseUrl: server.url }]).embed(texts, { onTooLong: 'mean' });
		expect(flags[1]).toBe('averaged');
		expect(Math.hypot(...(vectors[1] ?? []))).toBeCloseTo(1, 5);
		const parts = server.requests
			.map(inputsOf)
			.filter((inputs) => inputs.length === 1 && inputs[0]?.startsWith('b') && inputs[0].length <= LIMIT);
		expect(parts.map(([part]) => part?.length)).toEqual([95, 95, 95, 95, 70]);
	});

	test('are found even where the engine does not say how long they are', async () => {
		const server = await engine((request) =>
			inputsOf(request).some(({ length }) => length > LIMIT)
				? { status: 400, body: { error: 'the input length exceeds the context length' } }
				: answers(request),
		);
		const { vectors, flags } = await poolOf([{ baseUrl: server.url }]).embed(texts, {
			onTooLong: 'truncate',
			normalize: false,
		});
		expect(flags[1]).toBe('truncated');
		expect(vectors[1]?.[0]).toBeGreaterThan(60);
		expect(vectors[1]?.[0]).toBeLessThanOrEqual(LIMIT);
	});
});

describe('limits of an engine', () => {
	test('a limit on texts that nobody told of is found by halving', async () => {
		const server = await engine((request) =>
			inputsOf(request).length > 3
				? {
						status: 422,
						body: { error: 'batch size 8 > maximum allowed batch size 3', error_type: 'Validation' },
					}
				: answers(request),
		);
		const texts = Array.from({ length: 8 }, (_, i) => `t${i}`);
		const { vectors } = await poolOf([{ baseUrl: server.url }]).embed(texts, { normalize: false });
		expect(vectors.map((vector) => vector[2])).toEqual(texts.map((text) => text.charCodeAt(1)));
	});

	test('an engine that is yet to be detected is asked for its limits before the first batch', async () => {
		const server = await engine((request) =>
			request.path === '/info'
				? { transcript: transcript('tei', 'info') }
				: request.path === '/embed'
					? { status: 200, body: inputsOf(request).map((text) => vectorOf(text)) }
					: { status: 404, body: '' },
		);
		const pool = poolOf([{ baseUrl: server.url, dialect: 'auto' }]);
		await pool.embed(Array.from({ length: 50 }, (_, i) => `t${i}`));
		const sizes = server.requests.filter(({ path }) => path === '/embed').map((one) => inputsOf(one).length);
		expect(sizes.sort()).toEqual([2, 8, 8, 8, 8, 8, 8]);
	});
});

describe('recorded answers', () => {
	test('TEI’s limits shape the batches: never more texts than it takes at once', async () => {
		const server = await engine((request) =>
			request.path === '/info'
				? { transcript: transcript('tei', 'info') }
				: { status: 200, body: inputsOf(request).map((text) => vectorOf(text)) },
		);
		await poolOf([{ baseUrl: server.url, dialect: 'tei' }]).embed(
			Array.from({ length: 20 }, (_, i) => `t${i}`),
		);
		expect(
			server.requests
				.filter(({ path }) => path === '/embed')
				.map((request) => inputsOf(request).length)
				.sort(),
		).toEqual([4, 8, 8]);
		expect(server.requests.find(({ path }) => path === '/embed')?.body).toMatchObject({ truncate: false });
	});

	test('llama.cpp’s and vLLM’s base64 are the same vectors', async () => {
		const read = async (name: 'llama-server' | 'vllm', dialect: 'llamacpp' | 'vllm') => {
			const server = await engine(() => ({ transcript: transcript(name, 'embed-base64') }));
			return (await poolOf([{ baseUrl: server.url, dialect }]).embed(['Hello world'])).vectors[0];
		};
		const [a, b] = [await read('llama-server', 'llamacpp'), await read('vllm', 'vllm')];
		expect(a).toHaveLength(384);
		expect(a?.[0]).toBeCloseTo(-0.0344610102, 6);
		const dot = a?.reduce((sum, x, i) => sum + x * (b?.[i] ?? 0), 0);
		expect(dot).toBeGreaterThan(0.9999);
	});

	test.each([
		['ollama', 'embed-too-long-truncate-false', 'ollama'],
		['llama-server', 'embed-too-long', 'llamacpp'],
		['vllm', 'embed-too-long', 'vllm'],
		['tei', 'too-long-truncate-false', 'tei'],
	] as const)('%s/%s names the text', async (recorded, name, dialect) => {
		const server = await engine(({ path }) => ({
			transcript: transcript(recorded, path === '/info' ? 'info' : name),
		}));
		await expect(poolOf([{ baseUrl: server.url, dialect }]).embed(['long'])).rejects.toMatchObject({
			kind: 'contextExceeded',
			inputIndex: 0,
		});
	});

	test('Ollama’s answer to nothing is no vector', async () => {
		const server = await engine(() => ({ transcript: transcript('ollama', 'embed-missing-input') }));
		await expect(poolOf([{ baseUrl: server.url, dialect: 'ollama' }]).embed(['x'])).rejects.toMatchObject({
			kind: 'badAnswer',
		});
	});
});

describe('the built-in model', () => {
	const builtin = {
		embed: async (texts: readonly string[]) => texts.map((text) => Float32Array.from([text.length, 0])),
		embedModel: 'static',
	};

	test('embeds where there is no engine, and says who did', async () => {
		const result = await poolOf([], { builtin }).embed(['abc', '']);
		expect(result).toMatchObject({
			engine: 'built-in',
			model: 'static',
			dimensions: 2,
			flags: [undefined, 'empty'],
		});
	});

	test('does not stand in for an engine that is only down: its vectors would be others', async () => {
		await expect(
			poolOf([{ baseUrl: 'http://127.0.0.1:1' }], { builtin }).embed(['abc']),
		).rejects.toMatchObject({ kind: 'unreachable' });
	});
});

test('batches are cut by count and by tokens, and a giant goes alone', () => {
	const count = (text: string) => text.length;
	expect(planBatches(['aa', 'bb', 'cc'], 2, 100, count)).toEqual([
		{ start: 0, end: 2 },
		{ start: 2, end: 3 },
	]);
	expect(planBatches(['aa', 'x'.repeat(99), 'cc'], 9, 10, count)).toEqual([
		{ start: 0, end: 1 },
		{ start: 1, end: 2 },
		{ start: 2, end: 3 },
	]);
	expect(planBatches([], 2, 100, count)).toEqual([]);
});
