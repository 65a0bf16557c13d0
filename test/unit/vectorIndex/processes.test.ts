import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openIndex, type VectorIndex } from '../../../lib/vectorIndex';
import { runChild } from '../../support/child';
import { contentOf, differencesOf } from '../ingest/corpus';
import { axis } from './data';

/** `npm test -- faults` kills 50 times. */
const kills = Number(process.env.KILLS ?? 10);

jest.setTimeout(60_000 + kills * 30_000);

const ROWS = 2_000;
const child = path.join(__dirname, 'writeChild.ts');

describe('an embedded index that several processes use', () => {
	let directory: string;
	beforeEach(async () => {
		directory = await mkdtemp(path.join(os.tmpdir(), 'shared-index-'));
	});
	afterEach(async () => {
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});

	async function expectWhole(index: VectorIndex): Promise<void> {
		const seen: string[] = [];
		for await (const { text } of index.scan()) seen.push(text);
		expect(seen.length).toBe(ROWS);
		expect(new Set(seen).size).toBe(ROWS);
		expect(await index.count()).toBe(ROWS);
		const hits = await index.search({ mode: 'keyword', text: 'number 1234', limit: 1 });
		expect(hits).toMatchObject([{ text: 'row number 1234' }]);
		const all = await index.search({
			mode: 'keyword',
			text: 'number',
			limit: 1_000,
			filter: { start: { lt: 700 } },
		});
		expect(new Set(all.map(({ id }) => id)).size).toBe(700);
		expect(await index.search({ mode: 'vector', vector: axis(8, 1, 1), limit: 5 })).toHaveLength(5);
		let keys = 0;
		for await (const [key] of index.manifest.scan()) keys += Number(key.startsWith('call '));
		expect(keys).toBe(ROWS / 100);
	}

	it('has every row once when four of them write the same rows at once', async () => {
		await Promise.all([1, 2, 3, 4].map(() => runChild(child, [directory, 'shared', String(ROWS)])));
		await expectWhole(await openIndex({ backend: 'embedded', directory, name: 'shared' }));
	});

	it('is after one more run as if nothing had happened when its writer was killed at any moment', async () => {
		const parameters = (name: string): string[] => [directory, name, String(ROWS)];
		const contentOfIndex = async (name: string): ReturnType<typeof contentOf> =>
			await contentOf(await openIndex({ backend: 'embedded', directory, name }));
		const { ms } = await runChild(child, parameters('undisturbed'));
		const expected = await contentOfIndex('undisturbed');
		expect(expected.rows.size).toBe(ROWS);
		let killed = 0;
		for (let round = 0; round < kills; round++) {
			const killAfter = ((round + Math.random()) / kills) * ms;
			const first = await runChild(child, parameters(`killed-${round}`), { killAfter });
			killed += Number(first.killed);
			await runChild(child, parameters(`killed-${round}`));
			expect(differencesOf(await contentOfIndex(`killed-${round}`), expected)).toEqual([]);
		}
		expect(killed).toBeGreaterThan(kills / 3);
		await expectWhole(await openIndex({ backend: 'embedded', directory, name: 'killed-0' }));
	});
});
