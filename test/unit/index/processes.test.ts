import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openIndex, type VectorIndex } from '../../../lib/index';
import { runChild } from '../../support/child';
import { axis, randomOf } from './data';

const ROWS = 2_000;
const child = path.join(__dirname, 'write-child.ts');

describe('an embedded index that several processes use', () => {
	let directory: string;
	beforeEach(async () => {
		directory = await mkdtemp(path.join(os.tmpdir(), 'shared-index-'));
	});
	afterEach(async () => {
		await rm(directory, { recursive: true, force: true });
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
	}, 120_000);

	it('is whole after one more run when writers were killed at any moment', async () => {
		const random = randomOf(11);
		let kills = 0;
		for (let i = 0; i < 8; i++) {
			const { killed } = await runChild(child, [directory, 'killed', String(ROWS)], 20 + random() * 400);
			kills += Number(killed);
		}
		expect(kills).toBeGreaterThan(3);
		await runChild(child, [directory, 'killed', String(ROWS)]);
		await expectWhole(await openIndex({ backend: 'embedded', directory, name: 'killed' }));
	}, 120_000);
});
