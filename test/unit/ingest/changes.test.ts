import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtinEmbedder } from '../../../lib/embedding';
import { findChanges, IngestError, type IngestDocument, listDocuments, syncAll } from '../../../lib/ingest';
import { createIndex, type VectorIndex } from '../../../lib/vectorIndex';
import { zipOf } from '../documents/office';

jest.setTimeout(60_000);

let directory: string;
let index: VectorIndex;
beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), 'local-engine-'));
	const { model, dimensions, id } = await builtinEmbedder().fingerprint();
	index = await createIndex(
		{ backend: 'embedded', directory, name: 'kb' },
		{ model, dimensions, fingerprint: id },
	);
});
afterEach(async () => await rm(directory, { recursive: true }));

const store = async (documents: IngestDocument[]) =>
	await syncAll(documents, {
		...{ index, embedder: builtinEmbedder(), mode: 'add' },
		chunking: { method: 'markdown', size: 400 },
	});
const text = (source: string, etag: string): IngestDocument => ({
	...{ source, text: `About ${source}.`, metadata: { etag, folder: 'a' } },
});
const listed = (source: string, etag: unknown = '1') => ({ source, metadata: { etag } });
const sources = async (): Promise<string[]> => {
	const found: string[] = [];
	for await (const { source } of listDocuments(index)) found.push(source);
	return found.sort();
};
const mirror = () => ({ index, mode: 'mirror' as const });

test('a listing is compared by what it says of each document, and by nothing else', async () => {
	await store([text('a', '1'), text('b', '1'), text('c', '1')]);
	const entries = [listed('b', '2'), listed('new'), listed('a'), listed('a'), listed('c', 1)];
	expect(await findChanges(entries, { index, mode: 'add' })).toEqual({
		// 1 is not "1".
		changes: ['changed', 'added', 'unchanged', 'unchanged', 'changed'],
		removed: [],
	});
	expect(await findChanges(entries, { index: undefined, mode: 'mirror' })).toEqual({
		changes: ['added', 'added', 'added', 'unchanged', 'added'],
		removed: [],
	});
	// What was stored under the new date is unchanged from then on, also where its text is the same.
	await store([text('b', '2')]);
	expect((await findChanges(entries, { index, mode: 'add' })).changes[0]).toBe('unchanged');
});

test('names in either form of Unicode are the same name', async () => {
	await store([text('Größe'.normalize('NFD'), '1')]);
	expect(await findChanges([listed('Größe'.normalize('NFD'))], mirror())).toEqual({
		changes: ['unchanged'],
		removed: [],
	});
});

test('what is not listed any more is deleted', async () => {
	await store(['a', 'b', 'c'].map((source) => text(source, '1')));
	const { removed } = await findChanges([listed('a'), listed('c', '2')], mirror());
	expect(removed).toMatchObject([{ source: 'b', state: 'removed' }]);
	expect(await sources()).toEqual(['a', 'c']);
});

describe('nothing is deleted', () => {
	const stored = Array.from({ length: 12 }, (_, position) => `d${position}`);
	beforeEach(async () => {
		await store(stored.map((source) => text(source, '1')));
	});
	afterEach(async () => {
		expect(await sources()).toEqual([...stored].sort());
	});

	test('for an empty listing', async () => {
		expect(await findChanges([], mirror())).toEqual({ changes: [], removed: [] });
	});

	test('where too many are missing: the listing was cut off', async () => {
		const cut = stored.slice(0, 8).map((source) => listed(source));
		await expect(findChanges(cut, mirror())).rejects.toMatchObject({
			kind: 'removal',
			message: expect.stringMatching(/^4 of the 12 documents .* Nothing was deleted\./),
		});
	});

	test.each([
		['has no name', { source: undefined, metadata: { etag: '1' } }, /has no source/],
		['has no date', { source: 'd0', metadata: {} }, /no metadata to compare/],
		['has the name of another', { source: 'd1', metadata: { etag: '2' } }, /is in the list twice/],
		['is an error', { source: null, metadata: null }, /has no source/],
	])('where an entry %s', async (_, entry, reason) => {
		const some = [...stored.slice(1).map((source) => listed(source)), entry];
		const { changes, removed, removalSkipped } = await findChanges(some, mirror());
		expect({ removed, removalSkipped }).toEqual({ removed: [], removalSkipped: 'failures' });
		expect(changes.at(-1)).toBeInstanceOf(IngestError);
		expect((changes.at(-1) as IngestError).message).toMatch(reason);
		expect(new Set(changes.slice(0, -1))).toEqual(new Set(['unchanged']));
	});
});

describe('what came in an archive or with a mail', () => {
	const zip = (etag: string): IngestDocument => ({
		...{ source: 'all.zip', metadata: { etag } },
		file: { data: zipOf({ 'x.txt': 'One.', 'y.txt': 'Two.' }), name: 'all.zip' },
	});

	test('belongs to it', async () => {
		await store([
			zip('1'),
			{ source: 'mail', text: 'Hello', metadata: { etag: '1' } },
			{ source: 'mail/a.txt', partOf: 'mail', text: 'Attached', metadata: { etag: '1' } },
			text('site', '1'),
			text('site/page', '1'),
		]);
		const { changes, removed } = await findChanges(
			[listed('all.zip'), listed('mail'), listed('site')],
			mirror(),
		);
		expect(changes).toEqual(['unchanged', 'unchanged', 'unchanged']);
		// A page below another is no part of it.
		expect(removed.map(({ source }) => source)).toEqual(['site/page']);
		expect((await findChanges([listed('all.zip', '2')], { index, mode: 'add' })).changes).toEqual([
			'changed',
		]);
	});

	test('goes with it', async () => {
		await store([zip('1'), text('a', '1')]);
		await findChanges([listed('a')], mirror());
		expect(await sources()).toEqual(['a']);
	});
});
