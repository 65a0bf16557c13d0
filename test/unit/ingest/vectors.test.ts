import { withVectors, type TextRow } from '../../../lib/ingest';
import type { Point } from '../../../lib/vectorIndex';
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
	await expect(all(withVectors([row('a'), row('b')], giving(1)))).rejects.toThrow('fewer vectors');
	await expect(all(withVectors([row('a'), row('b')], giving(3)))).rejects.toThrow('more vectors');
});
