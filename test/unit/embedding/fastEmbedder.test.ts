import { copyFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { builtinEmbedder, staticTokenVectors, type EmbeddedText } from '../../../lib/embedding';
import { StaticModel } from '../../../lib/embedding/fast/staticModel';

const directory = path.join(__dirname, '../../../models/static-minilm-256');
const { fixtures }: { fixtures: Array<{ text: string; embedding: number[] }> } = JSON.parse(
	readFileSync(path.join(directory, 'fixtures.json'), 'utf8'),
);

async function collect(texts: AsyncIterable<EmbeddedText>): Promise<EmbeddedText[]> {
	const all: EmbeddedText[] = [];
	for await (const text of texts) all.push(text);
	return all;
}

const largestDifference = (a: ArrayLike<number>, b: readonly number[]): number =>
	Math.max(...b.map((value, k) => Math.abs(value - (a[k] ?? NaN))));

describe('the fast tier', () => {
	const embedder = builtinEmbedder({ tier: 'fast' });

	it('gives the vectors of the fixtures, in order', async () => {
		const embedded = await collect(embedder.embedDocuments(fixtures.map((f) => f.text)));
		expect(embedded).toHaveLength(fixtures.length);
		embedded.forEach(({ vector }, i) => {
			expect(largestDifference(vector, fixtures[i]?.embedding ?? [])).toBeLessThanOrEqual(2e-6);
		});
	});

	it('gives questions the same vectors as documents', async () => {
		for (const { text, embedding } of fixtures.slice(0, 20)) {
			expect(largestDifference(await embedder.embedQuery(text), embedding)).toBeLessThanOrEqual(2e-6);
		}
	});

	it('marks a text without a known word as empty and gives it the zero vector', async () => {
		const [nothing, unknown, word] = await collect(embedder.embedDocuments(['', 'ꙮꙮꙮ', 'harbour']));
		expect(nothing).toMatchObject({ empty: true, tokens: 0 });
		expect(unknown).toMatchObject({ empty: true, tokens: 1 });
		expect(unknown?.vector.every((value) => value === 0)).toBe(true);
		expect(word?.empty).toBeUndefined();
	});

	it('gives a long text the vector it would have in one go', async () => {
		const model = await StaticModel.load();
		const long = 'The quick brown fox jumps over the lazy dog. '.repeat(5000);
		const [{ vector } = { vector: new Float32Array() }] = await collect(embedder.embedDocuments([long]));
		expect(largestDifference(vector, [...model.embedNow(long).vector])).toBeLessThanOrEqual(1e-6);
	});

	it('gives way to the event loop while it embeds', async () => {
		const delay = monitorEventLoopDelay({ resolution: 5 });
		await embedder.embedQuery('warm');
		delay.enable();
		await collect(
			embedder.embedDocuments([
				'word '.repeat(2_000_000),
				...Array.from({ length: 3000 }, () => 'a chunk of text '.repeat(25)),
			]),
		);
		delay.disable();
		// Not a speed limit: without giving way the single long text alone would hold the loop for a second.
		expect(delay.max / 1e6).toBeLessThan(400);
	});

	it('stops reading when its consumer stops', async () => {
		let read = 0;
		function* texts(): Generator<string> {
			for (;;) yield `text ${read++}`;
		}
		for await (const { tokens } of embedder.embedDocuments(texts())) if (tokens && read >= 3) break;
		expect(read).toBe(3);
	});

	it('ends with `cancelled` when its signal fires', async () => {
		const controller = new AbortController();
		const seen: EmbeddedText[] = [];
		const run = async (): Promise<void> => {
			for await (const text of embedder.embedDocuments(['a', 'b', 'c'], { signal: controller.signal })) {
				seen.push(text);
				controller.abort();
			}
		};
		await expect(run()).rejects.toMatchObject({ kind: 'cancelled' });
		expect(seen).toHaveLength(1);
	});

	it('has one fingerprint, whoever asks', async () => {
		const [one, two] = [await embedder.fingerprint(), await builtinEmbedder().fingerprint()];
		expect(one).toEqual(two);
		expect(one).toMatchObject({
			model: 'static-minilm-256',
			dimensions: 256,
			id: expect.stringMatching(/^[0-9a-f]{64}$/),
		});
	});

	it('gives the rows of single tokens, whose sum is the text', async () => {
		const text = 'Prefix sums, 漢字 and ꙮ.';
		const { ids, dimensions, addTo, addRange } = await staticTokenVectors(text);
		const sum = new Float64Array(dimensions);
		const known = Array.from(ids, (_, i) => addTo(i, sum, 0));
		const inOneGo = new Float64Array(dimensions);
		addRange(0, 3, inOneGo);
		addRange(3, ids.length, inOneGo);
		// Ranges are added in single precision.
		expect(largestDifference(inOneGo, [...sum])).toBeLessThan(1e-6);
		// 字 and the Cyrillic letter are in no vocabulary entry.
		expect(known.filter((k) => !k)).toHaveLength(2);
		const length = Math.hypot(...sum);
		expect(
			largestDifference(
				await embedder.embedQuery(text),
				[...sum].map((x) => x / length),
			),
		).toBeLessThan(1e-6);
	});
});

describe('a damaged model file', () => {
	const damage = (change: (file: string) => void): string => {
		const copy = mkdtempSync(path.join(tmpdir(), 'static-model-'));
		copyFileSync(path.join(directory, 'model.safetensors'), path.join(copy, 'model.safetensors'));
		change(path.join(copy, 'model.safetensors'));
		return copy;
	};
	it.each([
		['missing', () => mkdtempSync(path.join(tmpdir(), 'static-model-'))],
		['empty', () => damage((file) => writeFileSync(file, ''))],
		['cut off', () => damage((file) => truncateSync(file, 1_000_000))],
		['something else', () => damage((file) => writeFileSync(file, '<html>not found</html>'))],
		[
			'null inside',
			() =>
				damage((file) =>
					writeFileSync(file, Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('null')])),
				),
		],
	])('that is %s is reported as such', async (_, make) => {
		await expect(StaticModel.load(make())).rejects.toMatchObject({
			kind: 'modelMissing',
			message: expect.stringContaining('model.safetensors'),
		});
	});
});
