// How far a sync is, while nothing is stored yet: all that is sent here fits into the first group of chunks.
import { setTimeout as sleep } from 'node:timers/promises';
import { sync, type SyncOptions } from '../../../lib/ingest';
import { Progress } from '../../../lib/ingest/progress';
import type { CallContext } from '../../../lib/support';
import { MemoryIndex } from '../../support/memoryIndex';
import { WordEmbedder } from '../../support/wordEmbedder';

type Told = Parameters<NonNullable<CallContext['onProgress']>>[0];

/** As slow as a model on a small machine. */
class SlowEmbedder extends WordEmbedder {
	constructor(private readonly pauseMs: number) {
		super();
	}

	override async *embedDocuments(...parameters: Parameters<WordEmbedder['embedDocuments']>) {
		for await (const each of super.embedDocuments(...parameters)) {
			await sleep(this.pauseMs);
			yield each;
		}
	}
}

/** What a sync tells before its first document is stored. */
async function toldBeforeStored(documents: ReadonlyArray<{ source: string; text: string }>): Promise<Told[]> {
	const options: SyncOptions = {
		index: new MemoryIndex(8, 'letters/8'),
		embedder: new SlowEmbedder(30),
		chunking: { method: 'recursive', size: 60 },
		mode: 'add',
	};
	const told: Told[] = [];
	const run = sync(documents, options, { onProgress: (progress) => told.push(progress) });
	await run.next();
	const before = [...told];
	for (let next = await run.next(); next.done !== true; next = await run.next());
	return before;
}

const lines = (topic: string, count: number): string =>
	Array.from({ length: count }, (_, at) => `Paragraph ${at} is about ${topic} and nothing else.`).join(
		'\n\n',
	);

it('documents count, and the time left is told, before the first ones are stored', async () => {
	const documents = Array.from({ length: 25 }, (_, at) => ({
		source: `${at}.md`,
		text: lines(`bees ${at}`, 5),
	}));
	const told = await toldBeforeStored(documents);
	const under = told.filter(({ done, total = 0 }) => done > 0 && done < total);
	expect(under.length).toBeGreaterThan(1);
	expect(under.map(({ done }) => done)).toEqual(under.map(({ done }) => done).sort((a, b) => a - b));
	for (const { note } of under) expect(note).toMatch(/chunks embedded, .+ a second, about .+ left/);
});

it('a single large document moves too', async () => {
	const told = await toldBeforeStored([{ source: 'one.md', text: lines('bees', 120) }]);
	expect(told.length).toBeGreaterThan(1);
	const shares = told.map(({ share = 0 }) => share);
	expect(shares.every((share, at) => share > (shares[at - 1] ?? 0) && share <= 1)).toBe(true);
	expect(shares[0]).toBeLessThan(0.9);
	expect(told[0]).toMatchObject({ done: 0, total: 1, note: expect.stringMatching(/left$/) });
});

it('a document that is written again by itself, or fails, counts once', () => {
	jest.useFakeTimers({ advanceTimers: false });
	const told: Told[] = [];
	const progress = new Progress((each) => told.push(each), 2);
	const moved = () => {
		jest.advanceTimersByTime(1100);
		progress.chunkDone();
		return told.at(-1);
	};
	progress.reached('a', 0.9);
	progress.reached('a', 0.1);
	expect(moved()).toMatchObject({ done: 0, share: expect.closeTo(0.45) });
	progress.documentDone('a');
	progress.reached('b', 1);
	expect(moved()).toMatchObject({ done: 2, share: 1 });
	progress.documentDone('b');
	expect(moved()).toMatchObject({ done: 2, share: 1 });
	jest.useRealTimers();
});
