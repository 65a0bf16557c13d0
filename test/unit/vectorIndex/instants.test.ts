// Dates in metadata and filters are instants: which time zone they were written in does not matter.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIndex, type Filter, type IndexAddress, type VectorIndex } from '../../../lib/vectorIndex';
import { QdrantStandIn } from '../../support/qdrant/server';

/** One instant, written in four ways; a time of the day before; the day alone; no date at all. */
const rows: Record<string, string> = {
	utc: '2024-05-02T00:00:00Z',
	berlin: '2024-05-02T02:00:00.000+02:00',
	newYork: '2024-05-01T20:00:00.000-04:00',
	india: '2024-05-02T05:30+0530',
	before: '2024-05-02T01:59:59+02:00',
	day: '2024-05-02',
	noDate: '2024-05-02 or later',
};
const same = ['berlin', 'day', 'india', 'newYork', 'utc'];

const folder = mkdtempSync(path.join(tmpdir(), 'instants-'));
const server = new QdrantStandIn('key');
afterAll(async () => {
	await server.stop();
	rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

describe.each(['embedded', 'qdrant'])('%s', (backend) => {
	let index: VectorIndex;
	beforeAll(async () => {
		const address: IndexAddress =
			backend === 'embedded'
				? { backend: 'embedded', directory: folder, name: 'dates' }
				: { backend: 'qdrant', url: await server.start(), apiKey: 'key', name: 'dates' };
		index = await createIndex(address, { model: 'm', dimensions: 2, fingerprint: 'f' });
		await index.upsert(
			Object.entries(rows).map(([source, at]) => ({ source, text: source, metadata: { at } })),
		);
	});

	it.each<[Filter, string[]]>([
		[{ at: { gte: '2024-05-02T00:00:00.000Z', lt: '2024-05-03' } }, same],
		[{ at: { gte: '2024-05-02T02:00+02:00', lte: '2024-05-01T20:00-04:00' } }, same],
		[{ at: '2024-05-02T05:30:00+05:30' }, same],
		[{ at: { in: ['2024-05-02'] } }, same],
		[{ at: { lt: '2024-05-01T20:00:00.000-04:00' } }, ['before', 'noDate']],
		[{ at: '2024-05-02 or later' }, ['noDate']],
	])('%j', async (filter, expected) => {
		const found: string[] = [];
		for await (const { source } of index.scan(filter)) found.push(source);
		expect(found.sort()).toEqual(expected);
	});

	it('keeps what was written', async () => {
		for await (const { source, metadata } of index.scan()) expect(metadata?.at).toBe(rows[source]);
	});
});
