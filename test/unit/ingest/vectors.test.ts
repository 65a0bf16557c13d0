import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddingError } from '../../../lib/embedding';
import { upsertTexts, withVectors, type TextRow } from '../../../lib/ingest';
import { createIndex, type Failure, type Point } from '../../../lib/vectorIndex';
import { WordEmbedder } from '../../support/wordEmbedder';

const embedder = new WordEmbedder('words', 8);
const row = (text: string, vector?: Float32Array): TextRow => ({
	point: { text, source: 'a', ...(vector && { vector }) },
	embedText: text,
});
async function all(points: AsyncIterable<Point>): Promise<Point[]> {
	const list: Point[] = [];
	for await (const point of points) list.push(point);
	return list;
}

it('keeps the order of rows with and without a vector of their own', async () => {
	const own = Float32Array.from({ length: 8 }, (_, i) => i);
	const rows = ['own', 'own', 'one', 'own', 'two', 'three', 'own'].map((text) =>
		row(text, text === 'own' ? own : undefined),
	);
	const points = await all(withVectors(rows, embedder));
	expect(points.map(({ text }) => text)).toEqual(rows.map(({ point }) => point.text));
	for (const { text, vector } of points)
		expect(vector).toEqual(text === 'own' ? own : await embedder.embedQuery(text));
});

it('asks for nothing where every row has its vector', async () => {
	const own = new Float32Array(8).fill(1);
	expect(await all(withVectors([row('a', own), row('b', own)], embedder))).toHaveLength(2);
	expect(await all(withVectors([], embedder))).toEqual([]);
});

it('refuses an embedder that returns more or fewer vectors than texts', async () => {
	const giving = (count: number) =>
		Object.assign(new WordEmbedder('words', 8), {
			async *embedDocuments(texts: AsyncIterable<string>) {
				for await (const _ of texts) void _;
				for (let i = 0; i < count; i++) yield { vector: new Float32Array(8).fill(1), tokens: 1 };
			},
		});
	await expect(all(withVectors([row('a'), row('b')], giving(1)))).rejects.toThrow(
		'given 2 texts and answered 1',
	);
	await expect(all(withVectors([row('a'), row('b')], giving(3)))).rejects.toThrow(
		'given 2 texts and answered 3',
	);
});

describe('a text that is too long for the model', () => {
	/** Refuses a request with one of them as a whole, as engines do. */
	const narrow = Object.assign(new WordEmbedder('words', 8), {
		async *embedDocuments(texts: AsyncIterable<string> | Iterable<string>) {
			const list: string[] = [];
			for await (const text of texts) list.push(text);
			if (list.some((text) => text.length > 20)) throw new EmbeddingError('tooLong', 'A text is too long.');
			yield* embedder.embedDocuments(list);
		},
	});
	const texts = ['one', 'x'.repeat(21), 'two', '', 'y'.repeat(21), 'three'];

	it('ends the others where nobody asks for it by name', async () => {
		await expect(
			all(
				withVectors(
					texts.map((text) => row(text)),
					narrow,
				),
			),
		).rejects.toThrow('too long');
	});

	it('fails alone, by its place, and so does a row that cannot be stored; the others are written', async () => {
		const directory = mkdtempSync(path.join(tmpdir(), 'vectors-'));
		const { model, dimensions, id: fingerprint } = await embedder.fingerprint();
		const address = { backend: 'embedded', directory, name: 'notes' } as const;
		const index = await createIndex(address, { model, dimensions, fingerprint });
		try {
			const told: Failure[] = [];
			const rows = texts.map((text) => row(text));
			rows.push({ point: { text: 'last', source: '' }, embedText: 'last' });
			const report = await upsertTexts(index, rows, narrow, {
				fingerprint,
				onFailure: (failure) => told.push(failure),
			});
			expect(report.failed.map(({ position }) => position)).toEqual([1, 4, 6]);
			expect(told.map(({ position }) => position).sort()).toEqual([1, 4, 6]);
			expect(report).toMatchObject({ failedCount: 3, written: 4 });
			const stored: string[] = [];
			for await (const { text } of index.scan({})) stored.push(text);
			expect(stored.sort()).toEqual(['', 'one', 'three', 'two']);
		} finally {
			await index.close();
			rmSync(directory, { recursive: true });
		}
	});
});
