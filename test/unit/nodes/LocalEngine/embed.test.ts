import { embed } from '../../../../nodes/LocalEngine/actions/embedding/embed.operation';
import { outputOf } from '../../../support/operation';
import { replayServer, type ReplayServer } from '../../engine/support/replayServer';

/** llama.cpp's words; a text of more words than this is too long. */
const MOST_WORDS = 10;
let server: ReplayServer;
let requests: string[][] = [];
beforeEach(() => (requests = []));
beforeAll(async () => {
	server = await replayServer(({ body }) => {
		const input: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'input') : undefined;
		const texts = Array.isArray(input) ? input.map(String) : [];
		requests.push(texts);
		if (texts.some((text) => text.startsWith('refused')))
			return { status: 400, body: { error: { message: 'invalid characters' } } };
		const long = texts.find((text) => text.startsWith('word') && text.split(' ').length > MOST_WORDS);
		if (long === undefined)
			return { status: 200, body: { data: texts.map((_, index) => ({ index, embedding: [1, 0] })) } };
		const message = `input (${long.split(' ').length} tokens) is larger than the max context size (${MOST_WORDS} tokens). skipping`;
		return { status: 400, body: { error: { message } } };
	});
});
afterAll(() => server.close());

const texts = Array.from({ length: 10 }, (_, i) => (i === 3 ? 'word '.repeat(40).trim() : `text ${i}`));

const embedAll = async (
	all: readonly string[],
	role: string,
	modelOf: (item: number) => string = () => 'm',
) =>
	await outputOf(embed, {
		node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
		credentials: (_type, item) => ({
			dialect: 'openai',
			baseUrl: server.url,
			embeddingModel: modelOf(item),
		}),
		parameters: { embedding: 'engine', role, textField: (i: number) => all[i] },
		items: all.map((text) => ({ json: { text } })),
		continueOnFail: true,
	});

test.each(['document', 'query'])(
	'of ten texts (%s) the one that is too long fails alone, and says so',
	async (role) => {
		const items = await embedAll(texts, role);
		expect(items.map(({ json }) => json.dimensions ?? 'error')).toEqual(
			texts.map((_, i) => (i === 3 ? 'error' : 2)),
		);
		expect(JSON.stringify(items[3])).toContain('larger than the max context size (10 tokens)');
	},
);

test.each(['document', 'query'])('one that the engine refuses fails alone (%s)', async (role) => {
	const all = Array.from({ length: 9 }, (_, i) => (i === 4 ? 'refused' : `${role} ${i}`));
	const items = await embedAll(all, role);
	expect(items.map(({ json }) => json.dimensions ?? json.error)).toEqual(
		all.map((text) => (text === 'refused' ? expect.stringContaining('invalid characters') : 2)),
	);
});

test('many items go in one request', async () => {
	await embedAll(
		Array.from({ length: 40 }, (_, i) => `together ${i}`),
		'document',
	);
	expect(requests.filter(([text]) => text?.startsWith('together')).map(({ length }) => length)).toEqual([40]);
});

test('an engine that refuses every text is not asked for each of them', async () => {
	const items = await embedAll(
		Array.from({ length: 200 }, (_, i) => `refused ${i}`),
		'document',
	);
	expect(items.filter(({ json }) => json.error !== undefined)).toHaveLength(200);
	expect(requests.length).toBeLessThan(30);
});

test('items whose credential names another model go to that model, in the order of the input', async () => {
	const all = Array.from({ length: 9 }, (_, i) => `models ${i}`);
	const items = await embedAll(all, 'document', (item) => (item % 3 === 0 ? 'third' : 'other'));
	expect(items.map(({ json }) => [json.text, json.embeddingModel])).toEqual(
		all.map((text, i) => [text, i % 3 === 0 ? 'third' : 'other']),
	);
	expect(requests.filter(([text]) => text?.startsWith('models')).map(({ length }) => length)).toEqual([3, 6]);
});
