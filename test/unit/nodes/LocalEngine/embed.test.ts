import { embed } from '../../../../nodes/LocalEngine/actions/embedding/embed.operation';
import { outputOf } from '../../../support/operation';
import { replayServer, type ReplayServer } from '../../engine/support/replayServer';

/** llama.cpp's words; a text of more words than this is too long. */
const MOST_WORDS = 10;
let server: ReplayServer;
beforeAll(async () => {
	server = await replayServer(({ body }) => {
		const input: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'input') : undefined;
		const texts = Array.isArray(input) ? input.map(String) : [];
		const long = texts.find((text) => text.startsWith('word') && text.split(' ').length > MOST_WORDS);
		if (long === undefined)
			return { status: 200, body: { data: texts.map((_, index) => ({ index, embedding: [1, 0] })) } };
		const message = `input (${long.split(' ').length} tokens) is larger than the max context size (${MOST_WORDS} tokens). skipping`;
		return { status: 400, body: { error: { message } } };
	});
});
afterAll(() => server.close());

const texts = Array.from({ length: 10 }, (_, i) => (i === 3 ? 'word '.repeat(40).trim() : `text ${i}`));

test.each(['document', 'query'])(
	'of ten texts (%s) the one that is too long fails alone, and says so',
	async (role) => {
		const items = await outputOf(embed, {
			node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
			credentials: () => ({ dialect: 'openai', baseUrl: server.url, embeddingModel: 'm' }),
			parameters: { embedding: 'engine', role, textField: (i: number) => texts[i] },
			items: texts.map((text) => ({ json: { text } })),
			continueOnFail: true,
		});
		expect(items.map(({ json }) => json.dimensions ?? 'error')).toEqual(
			texts.map((_, i) => (i === 3 ? 'error' : 2)),
		);
		expect(JSON.stringify(items[3])).toContain('larger than the max context size (10 tokens)');
	},
);
