import { parquetReadObjects } from 'hyparquet';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGzip, gunzipSync, gzipSync } from 'node:zlib';
import {
	createIndex,
	exportRows,
	listIndexes,
	listVersions,
	openIndex,
	restoreIndex,
	snapshotIndex,
	type IndexAddress,
	type IndexSettings,
	type Point,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import { QdrantStandIn } from '../../support/qdrant/server';
import { axis, library } from './data';

// A busy machine takes its time for real files; nothing here asserts how long.
jest.setTimeout(120_000);

const settings: IndexSettings = {
	model: 'm',
	dimensions: 4,
	fingerprint: 'f',
	preset: 'fast',
	notes: { a: [1] },
};
const odd: Point = {
	id: 'odd',
	source: 'ü\n"',
	text: 'line\nbreak 😀',
	context: 'c',
	generation: 'g',
	start: 3,
	end: 9,
	parent: { start: 0, end: 20, text: 'p' },
	metadata: { a: { b: [1.5, null] } },
	vector: Float32Array.of(0.1, -0.2, 1e-7, 3),
};

describe('a snapshot', () => {
	let directory: string;
	let index: VectorIndex;
	let address: IndexAddress;
	beforeEach(async () => {
		directory = await mkdtemp(path.join(os.tmpdir(), 'snapshot-'));
		address = { backend: 'embedded', directory, name: 'original' };
		index = await createIndex(address, settings);
		await index.upsert([...library, odd]);
		await index.manifest.put(new Map(Array.from({ length: 600 }, (_, i) => [`doc ${i}`, { i }])));
	});
	afterEach(async () => {
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});

	const bytesOf = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
		const parts: Uint8Array[] = [];
		for await (const part of stream) parts.push(part);
		return Buffer.concat(parts);
	};
	const rowsOf = async (of: VectorIndex): Promise<Map<string, unknown>> => {
		const rows = new Map<string, unknown>();
		for await (const row of of.scan()) rows.set(row.id, row);
		return rows;
	};
	const keysOf = async (of: VectorIndex): Promise<number> => {
		let keys = 0;
		for await (const [key] of of.manifest.scan()) keys += Number(key.startsWith('doc '));
		return keys;
	};

	it('becomes the same index again: settings, rows, vectors and manifest', async () => {
		const copy = await restoreIndex({ ...address, name: 'copy' }, [await bytesOf(snapshotIndex(index))]);
		expect(await copy.settings()).toEqual({ ...settings, keywordAnalysis: 1 });
		expect(await rowsOf(copy)).toEqual(await rowsOf(index));
		expect((await copy.get(['odd']))[0]).toEqual(odd);
		expect(await keysOf(copy)).toBe(600);
	});

	it('can be restored on the other back end', async () => {
		const standIn = new QdrantStandIn();
		const url = await standIn.start();
		try {
			const copy = await restoreIndex({ backend: 'qdrant', url, name: 'copy' }, snapshotIndex(index));
			expect(await copy.count()).toBe(library.length + 1);
			expect(await keysOf(copy)).toBe(600);
			expect(await copy.search({ mode: 'vector', vector: axis(4, 1), limit: 1 })).toMatchObject([
				{ id: 'cats' },
			]);
			const back = await restoreIndex({ ...address, name: 'back' }, snapshotIndex(copy));
			expect((await back.get(['cats']))[0]).toEqual(library[0]);
		} finally {
			await standIn.stop();
		}
	});

	it('takes the place of an index only when asked to, and leaves the old version to go back to', async () => {
		const bytes = await bytesOf(snapshotIndex(index));
		await index.delete({ ids: ['cats'] });
		await expect(restoreIndex(address, [bytes])).rejects.toMatchObject({ kind: 'alreadyExists' });
		expect(await index.count()).toBe(library.length);
		const restored = await restoreIndex(address, [bytes], { replace: true });
		expect(await restored.count()).toBe(library.length + 1);
		expect(await listVersions(address)).toMatchObject([{ live: false }, { live: true }]);
	});

	it('is refused as soon as one of its lines is longer than any of ours, without reading on', async () => {
		const piece = Buffer.alloc(1 << 16, 'x');
		let given = 0;
		async function* endless(): AsyncGenerator<Uint8Array> {
			for (;;) {
				given += piece.length;
				yield piece;
			}
		}
		const other = { ...address, name: 'other' };
		await expect(restoreIndex(other, Readable.from(endless()).pipe(createGzip()))).rejects.toMatchObject({
			kind: 'invalidQuery',
			message: expect.stringContaining('its line 1 is longer than 16 MB'),
		});
		// 16 MB and what the streams between us hold.
		expect(given).toBeLessThan(64 << 20);
		expect(await listIndexes(address)).toEqual(['original']);
	});

	it('is refused when it is cut off, damaged or something else, and nothing is left behind', async () => {
		const bytes = await bytesOf(snapshotIndex(index));
		const lines = gunzipSync(bytes).toString().split('\n');
		const zip = (all: string[]): Buffer => gzipSync(all.join('\n'));
		const bad: Record<string, Buffer> = {
			cut: bytes.subarray(0, bytes.length - 20),
			'without its end': zip([...lines.slice(0, -2), '']),
			'one row less': zip([...lines.slice(0, -3), ...lines.slice(-2)]),
			'one letter changed': zip(lines.map((line) => line.replace('barks', 'parks'))),
			'not gzip': Buffer.from('hello'),
			'not a snapshot': gzipSync('{"format":"other"}\n'),
			'not JSON': gzipSync('hello\n'),
			nothing: Buffer.alloc(0),
		};
		for (const [what, broken] of Object.entries(bad)) {
			const error: unknown = await restoreIndex({ ...address, name: 'broken' }, [broken]).catch(
				(thrown: unknown) => thrown,
			);
			expect({ what, error }).toMatchObject({ what, error: { kind: 'invalidQuery' } });
			expect(await listIndexes(address)).toEqual(['original']);
			await expect(restoreIndex(address, [broken], { replace: true })).rejects.toMatchObject({
				kind: 'invalidQuery',
			});
			expect(await listVersions(address)).toHaveLength(1);
		}
		expect(await (await openIndex(address)).count()).toBe(library.length + 1);
	});

	it('is exported as JSON lines for other programs', async () => {
		const text = (await bytesOf(exportRows(index, { format: 'jsonl' }))).toString();
		const rows = text
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as { id: string; vector?: number[] });
		expect(rows).toHaveLength(library.length + 1);
		const { vector, ...rest } = rows.find(({ id }) => id === 'odd')!;
		expect(Float32Array.from(vector!)).toEqual(odd.vector);
		expect({ ...rest, vector: odd.vector }).toEqual(odd);
		const filtered = (
			await bytesOf(exportRows(index, { format: 'jsonl', filter: { source: 'animals.md' }, vectors: false }))
		).toString();
		expect(filtered.trim().split('\n')).toHaveLength(2);
		expect(filtered).not.toContain('vector');
	});

	it('is exported as Parquet for other programs', async () => {
		await index.upsert(
			Array.from({ length: 1_200 }, (_, i) => ({
				id: `many ${i}`,
				source: 'many',
				text: `row ${i}`,
				vector: axis(4, i + 1),
			})),
		);
		const file = await bytesOf(exportRows(index, { format: 'parquet' }));
		const rows = await parquetReadObjects({ file: new Uint8Array(file).buffer });
		expect(rows).toHaveLength(1_200 + library.length + 1);
		const found = rows.find(({ id }) => id === 'odd')!;
		expect(found).toMatchObject({
			source: odd.source,
			text: odd.text,
			context: 'c',
			generation: 'g',
			start: 3,
			end: 9,
			metadata: JSON.stringify(odd.metadata),
		});
		expect(Float32Array.from(found.vector as number[])).toEqual(odd.vector);
		expect(rows.find(({ id }) => id === 'words')?.vector ?? null).toBeNull();
	});
});
