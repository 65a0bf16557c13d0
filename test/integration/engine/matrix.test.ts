// The cells of the matrix that are called real: a real llama.cpp says the same words, and the same comes of it.
import { type ChatRequest, EnginePool } from '../../../lib/engine';
import { outcomeOf } from '../../support/engines/asks';
import { type Cell, MATRIX, type Row } from '../../support/engines/matrix';
import { describeLlama, type LlamaServer, startLlama } from '../../support/llamaServer';

type Servers = { readonly [name in 'chat' | 'tool' | 'vectors']: LlamaServer };
interface Setup {
	readonly server: keyof Servers;
	readonly more?: Partial<ChatRequest> & { readonly text?: string };
	readonly apiKey?: string;
	/** Asked twice; the second answer counts. */
	readonly again?: boolean;
}

const LONG = 'word '.repeat(3_000);
/** How each row comes about on a real server. */
const SETUPS: { readonly [title: string]: Setup } = {
	// Too short for the client to look at the context first, and long in tokens: the engine must say it itself.
	'prompt longer than the context': {
		server: 'chat',
		more: { messages: [{ role: 'user', content: 'é'.repeat(1_400) }] },
	},
	'text to embed longer than the model reads': { server: 'vectors', more: { text: LONG } },
	'tool call cut off at the token limit': { server: 'tool', more: { maxTokens: 12, toolChoice: 'required' } },
	'tool that must be called': { server: 'tool' },
	'named tool': { server: 'tool' },
	'JSON mode': { server: 'chat' },
	'JSON schema': { server: 'chat' },
	'prompt that is in the prefix cache': { server: 'chat', again: true },
	'wrong key': { server: 'tool', apiKey: 'sk-wrong' },
	'embeddings of an engine that runs a chat model': { server: 'chat' },
	'reranking of an engine that does not rerank': { server: 'chat' },
};

const KEY = 'sk-right';
const rows: Array<{ row: Row; cell: Cell }> = MATRIX.flatMap((row) => {
	const cell = row.cells.llamacpp;
	return cell?.proof === 'real' ? [{ row, cell }] : [];
});
/** Figures differ from server to server; the words do not. */
const withoutFigures = (text: unknown): string => String(text).replace(/\d+/g, 'N');

describeLlama('a real llama.cpp', () => {
	let servers: Servers;
	beforeAll(async () => {
		const [chat, tool, vectors] = await Promise.all([
			startLlama('ci-text', { ctx: 1024, parallel: 1 }),
			startLlama('ci-tool', { ctx: 1024, apiKey: KEY }),
			startLlama('tiny-rerank', { embedding: true, pooling: 'mean' }),
		]);
		servers = { chat, tool, vectors };
	});
	afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop())));

	it.each(rows.map(({ row, cell }) => ({ title: row.title, row, cell })))('$title', async ({ row, cell }) => {
		const setup = SETUPS[row.title];
		if (setup === undefined) throw new Error('The matrix calls this row real, and nothing here makes it so.');
		const pool = new EnginePool(
			[
				{
					name: 'e',
					dialect: 'llamacpp',
					baseUrl: servers[setup.server].url,
					apiKey: setup.apiKey ?? KEY,
					models: { chat: 'm', embedding: 'm', rerank: 'm' },
				},
			],
			{ rounds: 0, patienceMs: 0 },
		);
		try {
			if (setup.again === true) await outcomeOf(pool, row.asked, setup.more);
			const { becomes, detail } = await outcomeOf(pool, row.asked, setup.more);
			expect(becomes).toBe(cell.becomes);
			const { engineMessage, status } = detail as { engineMessage?: string; status?: number };
			if (cell.words !== undefined) {
				expect(withoutFigures(engineMessage)).toBe(withoutFigures(cell.words));
				expect(status).toBe(cell.status);
			}
			const { toolCalls, finishReason } = (cell.holds ?? {}) as Partial<ChatAnswer>;
			if (toolCalls !== undefined) expect(detail).toMatchObject({ toolCalls });
			if (finishReason !== undefined) expect(detail).toMatchObject({ finishReason });
			if (setup.again === true) expect((detail as ChatAnswer).usage.cachedTokens).toBeGreaterThan(0);
		} finally {
			await pool.close();
		}
	});
});

interface ChatAnswer {
	readonly toolCalls: readonly object[];
	readonly finishReason: string;
	readonly usage: { readonly cachedTokens?: number };
}
