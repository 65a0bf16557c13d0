import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syncAll } from '../../../lib/ingest';
import { runChild } from '../../support/child';
import { contentOf, corpusOf, differencesOf, openTestIndex, syncOptions } from './corpus';

/** `npm test -- faults` kills 50 times. */
const kills = Number(process.env.KILLS ?? 10);

jest.setTimeout(60_000 + kills * 30_000);

function syncInChild(directory: string, version: number, killAfter?: number): ReturnType<typeof runChild> {
	return runChild(join(__dirname, 'syncChild.ts'), [directory, String(version)], { killAfter });
}

describe('sync on a real index', () => {
	let root = '';
	beforeAll(async () => {
		root = await mkdtemp(join(tmpdir(), 'ingest-faults-'));
	});
	afterAll(async () => {
		await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});

	it('repairs a run killed at any moment when it is run again', async () => {
		// The starting point of all rounds, and what an undisturbed second sync makes of it.
		const before = join(root, 'before');
		await syncInChild(before, 1);
		const undisturbed = join(root, 'undisturbed');
		await cp(before, undisturbed, { recursive: true });
		const { ms } = await syncInChild(undisturbed, 2);
		const expected = await contentOf(await openTestIndex(undisturbed));
		expect(expected.rows.size).toBeGreaterThan(5000);
		expect(expected.copies).toBe(0);

		let killed = 0;
		for (let round = 0; round < kills; round++) {
			const directory = join(root, `round-${round}`);
			// Half of the rounds begin with nothing, half replace an older version.
			if (round % 2 === 0) await cp(before, directory, { recursive: true });
			// Spread evenly over the run, with a random rest: every stage is hit.
			const first = await syncInChild(directory, 2, ((round + Math.random()) / kills) * ms);
			if (first.killed) killed++;
			const index = await openTestIndex(directory);
			const report = await syncAll(corpusOf(2), await syncOptions(index));
			expect(report.failures).toBe(0);
			expect(differencesOf(await contentOf(index), expected)).toEqual([]);
			await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
		}
		expect(killed).toBeGreaterThan(kills / 2);
	});

	it('stores every row once when four processes sync the same documents', async () => {
		const alone = join(root, 'alone');
		await syncInChild(alone, 2);
		const directory = join(root, 'four');
		await openTestIndex(directory);
		await Promise.all(Array.from({ length: 4 }, () => syncInChild(directory, 2)));
		expect(
			differencesOf(
				await contentOf(await openTestIndex(directory)),
				await contentOf(await openTestIndex(alone)),
			),
		).toEqual([]);
	});

	it('stores every row once when two syncs of one process run at once', async () => {
		const directory = join(root, 'two');
		const index = await openTestIndex(directory);
		const options = await syncOptions(index);
		const reports = await Promise.all([syncAll(corpusOf(2), options), syncAll(corpusOf(2), options)]);
		expect(reports.map(({ failures }) => failures)).toEqual([0, 0]);
		expect(
			differencesOf(await contentOf(index), await contentOf(await openTestIndex(join(root, 'alone')))),
		).toEqual([]);
	});
});
