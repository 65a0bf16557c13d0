// Every cell of the matrix of behaviours: what the engine said, over the wire, and what the client makes of it.
import { EnginePool } from '../../../lib/engine';
import { outcomeOf } from '../../support/engines/asks';
import { type Cell, dialectOf, type EngineName, MATRIX } from '../../support/engines/matrix';
import { type Reply, replayServer } from './support/replayServer';
import { RECORDED, transcript } from './support/transcripts';

const cells = MATRIX.flatMap(({ title, asked, cells: row }) =>
	Object.entries(row).map(([engine, cell]) => ({ title, asked, engine: engine as EngineName, cell })),
);

/** How long an engine takes that is slow to take a connection. */
const SLOW_MS = 300;

async function replyOf(cell: Cell): Promise<Reply> {
	if (cell.connection === 'silent') return 'hang';
	if (cell.connection === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
	return answerOf(cell);
}

function answerOf({ recording, status, words, body, location }: Cell): Reply {
	if (recording !== undefined) {
		const [folder, name = ''] = recording.split('/');
		const engine = RECORDED.find((each) => each === folder);
		if (engine === undefined) throw new Error(`There are no recordings of ${folder}.`);
		const recorded = transcript(engine, name);
		expect(recorded.response.status).toBe(status);
		return { transcript: recorded };
	}
	if (location !== undefined) return { status: status ?? 0, headers: { location }, body: '' };
	if (words !== undefined) return { status: status ?? 0, body: { error: { message: words } } };
	const isPage = body !== undefined;
	return {
		chunks: [body ?? 'data: [DONE]\n\n'],
		type: isPage ? 'text/html' : 'text/event-stream',
		end: 'complete',
	};
}

test.each(cells)('$title, $engine: $cell.becomes', async ({ asked, engine, cell }) => {
	const server = await replayServer(() => replyOf(cell), { unlisted: true });
	const deadlines = {
		// One that loads is waited for until then.
		totalMs: cell.becomes === 'loading' ? 2_000 : 20_000,
		silentMs: cell.connection === 'silent' ? 500 : undefined,
	};
	const pool = new EnginePool(
		[
			{
				name: 'e',
				dialect: dialectOf(engine),
				baseUrl: server.url,
				models: { chat: 'm', embedding: 'm', rerank: 'm' },
			},
		],
		{ rounds: 0, patienceMs: 0, deadlines },
	);
	try {
		const { becomes, detail } = await outcomeOf(pool, asked);
		expect(becomes).toBe(cell.becomes);
		if (cell.words !== undefined) expect(detail).toMatchObject({ engineMessage: cell.words });
		expect(detail).toMatchObject(cell.holds ?? {});
		if (/thinking/.test(cell.recording ?? ''))
			expect(detail).toMatchObject({ reasoning: expect.stringMatching(/\w/) });
	} finally {
		await pool.close();
		await server.close();
	}
});

test('what was only read about says where', () => {
	const silent = cells.filter(({ cell }) => cell.proof === 'documented' && cell.source === undefined);
	expect(silent).toEqual([]);
	const unheard = cells.filter(
		({ cell }) => cell.proof !== 'documented' && cell.recording === undefined && cell.connection !== 'silent',
	);
	expect(unheard).toEqual([]);
});
