import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtinEmbedder } from '../../../lib/embedding';
import { type ListedDocument, listDocuments, syncAll, type IngestDocument } from '../../../lib/ingest';
import { createIndex } from '../../../lib/vectorIndex';

jest.setTimeout(60_000);

let directory: string;
beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'local-engine-'));
});
afterAll(async () => await rm(directory, { recursive: true }));

test('documents are listed with what became of them', async () => {
	const embedder = builtinEmbedder();
	const { model, dimensions, id } = await embedder.fingerprint();
	const index = await createIndex(
		{ backend: 'embedded', directory, name: 'kb' },
		{ model, dimensions, fingerprint: id },
	);
	const listed = async (): Promise<ListedDocument[]> => {
		const found: ListedDocument[] = [];
		for await (const document of listDocuments(index)) found.push(document);
		return found.sort((one, other) => one.source.localeCompare(other.source));
	};
	expect(await listed()).toEqual([]);
	const documents: IngestDocument[] = [
		{
			source: 'a.csv',
			file: { data: Buffer.from('Part,Price\nAB-1,10'), name: 'a.csv' },
			metadata: { year: 2026 },
		},
		{ source: 'b.md', text: '# Bridges\n\nThe bridge opened in 1937.', title: 'Bridges' },
		{ source: 'c.md', text: 'broken \ud83d emoji', metadata: { note: '\ud83d' } },
	];
	const before = Date.now();
	await syncAll(documents, { index, embedder, chunking: { method: 'markdown', size: 400 }, mode: 'add' });
	const [table, bridges, emoji] = await listed();
	expect(table).toMatchObject({
		source: 'a.csv',
		state: 'stored',
		type: 'csv',
		chunks: 1,
		metadata: { year: 2026 },
	});
	expect(bridges).toMatchObject({
		source: 'b.md',
		title: 'Bridges',
		type: 'text',
		readAgain: false,
		warnings: [],
	});
	expect(emoji?.warnings[0]).toContain('surrogate');
	expect(Date.parse(table?.storedAt ?? '')).toBeGreaterThanOrEqual(before);
	// What did not change keeps its time.
	await syncAll(documents.slice(0, 1), {
		index,
		embedder,
		chunking: { method: 'markdown', size: 400 },
		mode: 'mirror',
		maxRemoved: 1,
	});
	expect((await listed()).map(({ source, storedAt }) => [source, storedAt])).toEqual([
		['a.csv', table?.storedAt],
	]);
});
