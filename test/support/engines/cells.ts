// Runs cells of the matrix on a real server: it says the words that the matrix has, and the same comes of it.
import { type ChatRequest, type EngineAddress, EnginePool } from '../../../lib/engine';
import { outcomeOf } from './asks';
import { type Cell, dialectOf, type EngineName, MATRIX, type Proof } from './matrix';

/** A server that a test started. */
export interface Running {
	readonly url: string;
}

/** How a row of the matrix comes about on a real server. */
export interface Setup<Server extends Running> {
	readonly server: () => Server;
	readonly more?: Partial<ChatRequest> & { readonly text?: string };
	/** What differs in the engine's address: its key, its models. */
	readonly address?: Partial<EngineAddress>;
	/** Asked twice; the second answer counts. */
	readonly again?: boolean;
	/** Done to the server before it is asked, and as soon as the answer begins. */
	readonly before?: (server: Server) => void;
	readonly meanwhile?: (server: Server) => Promise<void> | void;
	readonly after?: (server: Server) => void;
	readonly firstTokenMs?: number;
}

interface Answer {
	readonly toolCalls: readonly object[];
	readonly finishReason: string;
	readonly reasoning?: string;
	readonly usage: { readonly cachedTokens?: number };
}

/** Figures differ from server to server; the words do not. */
const withoutFigures = (text: unknown): string => String(text).replace(/\d+/g, 'N');

/** A test for each cell of an engine that the matrix calls proved in this way. */
export function testCells<Server extends Running>(
	engine: EngineName,
	proof: Proof,
	setups: { readonly [title: string]: Setup<Server> },
): void {
	const cells = MATRIX.flatMap(({ title, asked, cells: row }) => {
		const cell = row[engine];
		return cell?.proof === proof ? [{ title, asked, cell }] : [];
	});
	it('every cell has its setup', () => {
		expect(Object.keys(setups).sort()).toEqual(cells.map(({ title }) => title).sort());
	});
	it.each(cells)('$title', async ({ title, asked, cell }) => {
		const setup = setups[title];
		if (setup === undefined) throw new Error('The matrix calls this row real, and nothing here makes it so.');
		const { more, again, meanwhile, firstTokenMs } = setup;
		const server = setup.server();
		const pool = new EnginePool(
			[
				{
					name: 'e',
					dialect: dialectOf(engine),
					baseUrl: server.url,
					models: { chat: 'm', embedding: 'm', rerank: 'm' },
					...setup.address,
				},
			],
			{ rounds: 0, patienceMs: 0, deadlines: { firstTokenMs } },
		);
		try {
			if (again === true) await outcomeOf(pool, asked, more);
			setup.before?.(server);
			const [{ becomes, detail }] = await Promise.all([outcomeOf(pool, asked, more), meanwhile?.(server)]);
			expect(becomes).toBe(cell.becomes);
			expectIn(detail, cell);
			if (again === true) expect((detail as Answer).usage.cachedTokens).toBeGreaterThan(0);
		} finally {
			setup.after?.(server);
			await pool.close();
		}
	});
}

function expectIn(detail: object, { words, status, holds, recording = '' }: Cell): void {
	if (words !== undefined) {
		const said = detail as { readonly engineMessage?: string; readonly status?: number };
		expect(withoutFigures(said.engineMessage)).toBe(withoutFigures(words));
		// A line of a stream that began with 200 has no status of its own.
		if ((status ?? 0) >= 400) expect(said.status).toBe(status);
	}
	const { toolCalls, finishReason } = (holds ?? {}) as Partial<Answer>;
	if (toolCalls !== undefined) expect(detail).toMatchObject({ toolCalls });
	if (finishReason !== undefined) expect(detail).toMatchObject({ finishReason });
	if (/thinking/.test(recording)) expect(detail).toMatchObject({ reasoning: expect.stringMatching(/\w/) });
}
