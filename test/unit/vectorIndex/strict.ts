import { createIndex, openIndex, type IndexAddress } from '../../../lib/vectorIndex';
import { axis } from './data';

/** Strict mode as Qdrant Cloud has it. */
export const cloud = {
	enabled: true,
	...{ unindexed_filtering_retrieve: false, unindexed_filtering_update: false, max_payload_index_count: 100 },
};
/** As tight as a server can be set up. */
export const tight = {
	...cloud,
	...{
		max_query_limit: 100,
		search_max_hnsw_ef: 64,
		upsert_max_batchsize: 100,
		search_max_oversampling: 1.5,
	},
	...{ search_allow_exact: false, condition_max_size: 10, filter_max_conditions: 3 },
};

/** @param newAddress gives an address nobody used yet, on a server with those limits */
export function keepsWithinLimits(what: string, newAddress: () => IndexAddress): void {
	describe(what, () => {
		const settings = { model: 'm', dimensions: 4, fingerprint: 'f' };
		const rows = Array.from({ length: 450 }, (_, i) => ({
			id: `r${i}`,
			source: `s${i % 150}`,
			text: `row ${i} of many`,
			vector: axis(4, 1, i / 450),
			start: i,
			end: i + 1,
			generation: `g${i % 300}`,
			metadata: { year: i, day: `2024-01-${String((i % 28) + 1).padStart(2, '0')}` },
		}));

		it('writes, counts, reads, searches, tunes and deletes within them', async () => {
			const address = newAddress();
			const index = await createIndex(address, settings);
			expect(await index.upsert(rows)).toMatchObject({ written: 450, failedCount: 0 });
			expect(await index.count()).toBe(450);
			expect(await index.info()).toMatchObject({ rows: 450, sources: 150 });
			expect((await index.tally('generation')).size).toBe(300);
			expect(await index.count({ year: { gte: 400 } })).toBe(50);
			expect(await index.count({ day: { lt: '2024-01-03' } })).toBe(34);
			const sources = Array.from({ length: 40 }, (_, i) => `s${i}`);
			expect(await index.count({ source: { in: sources } })).toBe(120);
			expect((await index.tally('source', { source: { in: sources } })).size).toBe(40);
			const scanned: string[] = [];
			for await (const { id } of index.scan()) scanned.push(id);
			expect(new Set(scanned).size).toBe(450);
			const query = { mode: 'hybrid', text: 'row 7', vector: axis(4, 1), limit: 50 } as const;
			expect(await index.search(query)).toHaveLength(50);
			expect(await index.search({ ...query, exact: true, filter: { year: { lt: 20 } } })).toHaveLength(20);
			expect(await index.tune({ targetRecall: 0.9, sample: 20 })).toMatchObject({ rows: 450 });
			expect(await index.get(rows.map(({ id }) => id))).toHaveLength(450);
			await index.manifest.put(new Map(rows.map(({ id }) => [id, 1])));
			let keys = 0;
			for await (const _ of index.manifest.scan()) keys++;
			expect(keys).toBe(450);
			expect(await index.delete({ filter: { year: { lt: 100 } } })).toBe(100);
			expect(await (await openIndex(address)).count()).toBe(350);
		});
	});
}
