// Rows that are stored before their vectors, on both back ends.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
	createIndex,
	exportRows,
	openIndex,
	restoreIndex,
	snapshotIndex,
	type IndexAddress,
	type IndexSettings,
	type Point,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import { QdrantStandIn } from '../../support/qdrant/server';
import { axis } from './data';

jest.setTimeout(120_000);

const standIn = new QdrantStandIn();
let directory: string;
let url: string;
let made = 0;

beforeAll(async () => {
	directory = await mkdtemp(path.join(os.tmpdir(), 'pending-'));
	url = await standIn.start();
});
afterAll(async () => {
	await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	await standIn.stop();
	expect(standIn.violations).toEqual([]);
});

const settings: IndexSettings = { model: 'test-model', dimensions: 4, fingerprint: 'a' };
const places: Record<string, () => IndexAddress> = {
	embedded: () => ({ backend: 'embedded', directory, name: `index-${++made}` }),
	qdrant: () => ({ backend: 'qdrant', url, name: `index-${++made}` }),
};

const row = (id: string, text: string, more: Partial<Point> = {}): Point => ({
	...{ id, text, source: `${id}.md`, start: 0, end: text.length, generation: 'g', metadata: { b: 1, a: 2 } },
	...more,
});
const waiting = [
	row('cat', 'The cat sleeps on the mat.', { pendingSince: 2_000 }),
	row('dog', 'The dog barks at the cat.', { pendingSince: 3_000, context: 'Animals' }),
	row('boat', 'A boat crosses the cold sea.', { pendingSince: 1_000 }),
];
const ready = row('train', 'The train leaves at noon.', { vector: axis(4, 0, 1) });

describe.each(Object.keys(places))('rows that wait for their vectors (%s)', (backend) => {
	const filled = async (points: readonly Point[] = [...waiting, ready]): Promise<VectorIndex> => {
		const index = await createIndex(places[backend]!(), settings);
		expect((await index.upsert(points)).failed).toEqual([]);
		return index;
	};
	const found = async (index: VectorIndex, mode: 'keyword' | 'vector' | 'hybrid') =>
		(await index.search({ mode, text: 'cat', vector: axis(4, 0, 1), limit: 10 })).map(({ id }) => id);
	const fill = async (index: VectorIndex, vector: Float32Array | null, limit = 10): Promise<number> =>
		await index.pending.fill((await index.pending.oldest(limit)).map((each) => ({ row: each, vector })));

	it('are counted, and named oldest first', async () => {
		const index = await filled();
		expect(await index.pending.coverage()).toEqual({ rows: 4, pending: 3 });
		expect(await index.info()).toMatchObject({ rows: 4, pendingVectors: 3 });
		const oldest = await index.pending.oldest(2);
		expect(oldest).toHaveLength(2);
		if (backend === 'qdrant') expect(oldest.map(({ point }) => point.id)).toEqual(['boat', 'cat']);
	});

	it('are found by their words at once, and by meaning when their vector has come', async () => {
		const index = await filled();
		expect(await found(index, 'keyword')).toEqual(expect.arrayContaining(['cat', 'dog']));
		expect(await found(index, 'vector')).toEqual(['train']);
		expect(await fill(index, axis(4, 1))).toBe(3);
		expect(await index.pending.coverage()).toEqual({ rows: 4, pending: 0 });
		expect((await found(index, 'vector')).sort()).toEqual(['boat', 'cat', 'dog', 'train']);
		const [cat] = await index.get(['cat']);
		const { pendingSince: _, ...before } = { ...waiting[0], vector: axis(4, 1) };
		expect(cat).toEqual(before);
	});

	it('are ranked by their words in hybrid search: the right one is before rows that only have a vector', async () => {
		const index = await filled();
		expect((await found(index, 'hybrid'))[0]).toBe('cat');
		const scores = await index.search({ mode: 'hybrid', text: 'cat', vector: axis(4, 0, 1), limit: 10 });
		// Half of the scale would be that of a row whose vector says nothing.
		expect(scores.find(({ id }) => id === 'cat')?.score).toBeGreaterThan(0.9);
		for (const fusion of ['rrf', 'dbsf'] as const) {
			const query = { mode: 'hybrid', text: 'cat', vector: axis(4, 0, 1), limit: 10, fusion } as const;
			expect((await index.search(query))[0]?.id).toBe('cat');
		}
	});

	it('keep their vector when they are written again as they were', async () => {
		const index = await filled();
		await fill(index, axis(4, 1));
		const report = await index.upsert(waiting);
		expect(report).toMatchObject({ written: 0, unchanged: 3 });
		expect(await index.pending.coverage()).toEqual({ rows: 4, pending: 0 });
		expect((await index.get(['cat']))[0]?.vector).toEqual(axis(4, 1));
	});

	it('do not come back when they were deleted or changed before their vector came', async () => {
		const index = await filled();
		const rows = await index.pending.oldest(10);
		await index.delete({ ids: ['cat'] });
		await index.upsert([row('dog', 'Another text.', { vector: axis(4, 0, 0, 1) })]);
		expect(await index.pending.fill(rows.map((each) => ({ row: each, vector: axis(4, 1) })))).toBe(1);
		expect(await index.count()).toBe(3);
		expect((await index.get(['dog']))[0]).toMatchObject({ text: 'Another text.', vector: axis(4, 0, 0, 1) });
	});

	it('are done with when their text has no vector', async () => {
		const index = await filled();
		expect(await fill(index, null)).toBe(3);
		expect(await index.pending.coverage()).toEqual({ rows: 4, pending: 0 });
		expect((await index.get(['cat']))[0]).not.toHaveProperty('vector');
		expect(await found(index, 'keyword')).toEqual(expect.arrayContaining(['cat', 'dog']));
	});

	it('go on waiting in a restored snapshot, and an export does not show the mark', async () => {
		const index = await filled();
		await fill(index, axis(4, 1), 1);
		const parts: Uint8Array[] = [];
		for await (const part of snapshotIndex(index)) parts.push(part);
		const copy = await restoreIndex(places[backend]!(), parts);
		expect(await copy.pending.coverage()).toEqual({ rows: 4, pending: 2 });
		expect(await fill(copy, axis(4, 1))).toBe(2);
		const lines: Buffer[] = [];
		for await (const part of exportRows(index, { format: 'jsonl' })) lines.push(Buffer.from(part));
		expect(Buffer.concat(lines).toString()).not.toContain('pendingSince');
	});

	it('refuse vectors of another model', async () => {
		const index = await filled();
		await expect(index.pending.fill([], { fingerprint: 'b' })).rejects.toMatchObject({
			kind: 'fingerprintMismatch',
		});
	});

	it('wait in what another process reads', async () => {
		const address = places[backend]!();
		await (await createIndex(address, settings)).upsert(waiting);
		expect((await (await openIndex(address)).pending.oldest(10)).map(({ point }) => point.id).sort()).toEqual(
			['boat', 'cat', 'dog'],
		);
	});
});
