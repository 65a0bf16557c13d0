import fc from 'fast-check';
import { builtinEmbedder, createEmbedder, endBuiltinEncoder, tokenize } from '../../../lib/embedding';
import { englishEncoder, multilingualEncoder } from '../../../lib/embedding/encoderModel';
import {
	encoderTokenVectors as tokenVectorsOf,
	planWindows,
	type TokenVectorOptions,
} from '../../../lib/embedding/encoderTokens';
import type { TokenStates } from '../../../lib/embedding';

afterAll(() => endBuiltinEncoder());

const encoderTokenVectors = async (text: string, options?: TokenVectorOptions): Promise<TokenStates> =>
	await tokenVectorsOf(englishEncoder, text, options);

const unit = (vector: ArrayLike<number>): number[] => {
	const length = Math.hypot(...Array.from(vector));
	return Array.from(vector, (x) => x / length);
};
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
	const [x, y] = [unit(a), unit(b)];
	return x.reduce((sum, value, k) => sum + value * (y[k] ?? NaN), 0);
};
const paragraph =
	'Berlin is the capital of Germany. The city has 3.8 million inhabitants. Its parks cover a third of the area. The winters are cold there. ';

describe('token states of the built-in encoder', () => {
	it('come with the place of each token in the text', async () => {
		const text = 'Größere Städte: Berlin, 漢字.';
		const { vectors, offsets } = await encoderTokenVectors(text);
		const { starts, ends } = tokenize(text);
		expect(vectors).toHaveLength(starts.length);
		expect(offsets).toEqual(Array.from(starts, (start, i) => ({ start, end: ends[i] })));
		expect(vectors.every((vector) => vector.length === 384)).toBe(true);
	});

	it('are those of the whole text when it fits a window', async () => {
		const ids = Int32Array.of(101, ...tokenize(paragraph).ids, 102);
		const states = await englishEncoder.pool.run(ids, 'tokens');
		const { vectors } = await encoderTokenVectors(paragraph);
		vectors.forEach((vector, i) => expect(vector).toEqual(states.subarray((i + 1) * 384, (i + 2) * 384)));
	});

	it('stay close to those of one wide window when windows are narrow', async () => {
		const text = paragraph.repeat(10).trim();
		const wide = await encoderTokenVectors(text, { windowTokens: 512 });
		const narrow = await encoderTokenVectors(text, { windowTokens: 128 });
		const cosines = wide.vectors.map((vector, i) => cosine(vector, narrow.vectors[i] ?? []));
		expect(narrow.vectors).toHaveLength(wide.vectors.length);
		expect(cosines.reduce((a, b) => a + b, 0) / cosines.length).toBeGreaterThan(0.8);
	}, 20_000);

	it('lie in the space of whole texts: their mean is close to the vector of the text', async () => {
		const { vectors } = await encoderTokenVectors(paragraph);
		const mean = Array.from({ length: 384 }, (_, k) =>
			vectors.reduce((sum, vector) => sum + (vector[k] ?? NaN), 0),
		);
		const own = await builtinEmbedder({ tier: 'english' }).embedQuery(paragraph);
		expect(cosine(mean, own)).toBeGreaterThan(0.98);
	});

	it('know the text around them: a later sentence about the city is nearer to its name than alone', async () => {
		const sentence = 'The city has 3.8 million inhabitants.';
		const start = paragraph.indexOf(sentence);
		const { vectors, offsets } = await encoderTokenVectors(paragraph);
		const inside = vectors.filter(
			(_, i) => (offsets[i]?.start ?? 0) >= start && (offsets[i]?.end ?? 0) <= start + sentence.length,
		);
		const late = Array.from({ length: 384 }, (_, k) =>
			inside.reduce((sum, vector) => sum + (vector[k] ?? NaN), 0),
		);
		const embedder = builtinEmbedder({ tier: 'english' });
		const [question, alone] = [
			await embedder.embedQuery('Population of Berlin'),
			await embedder.embedQuery(sentence),
		];
		expect(cosine(question, late)).toBeGreaterThan(cosine(question, alone) + 0.1);
	});

	it('of the multilingual model leave out the prefix, which every window has', async () => {
		const text = 'Größere Städte: Berlin, 漢字と東京。';
		const { vectors, offsets } = await tokenVectorsOf(multilingualEncoder, text);
		const places = offsets.map((place) => text.slice(place?.start, place?.end));
		expect(places[0]).toBe('Größe');
		expect(places.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
		const mean = Array.from({ length: 384 }, (_, k) =>
			vectors.reduce((sum, vector) => sum + (vector[k] ?? NaN), 0),
		);
		const embedder = builtinEmbedder({ tier: 'multilingual' });
		for await (const { vector } of embedder.embedDocuments([text]))
			expect(cosine(mean, vector)).toBeGreaterThan(0.95);
	});

	it('of a text without words are none', async () => {
		expect(await encoderTokenVectors(' \n')).toMatchObject({ vectors: [], offsets: [] });
	});

	it('are refused for a text without end and for windows the model does not have', async () => {
		await expect(encoderTokenVectors('word '.repeat(200_000))).rejects.toMatchObject({ kind: 'tooLong' });
		await expect(encoderTokenVectors('a', { windowTokens: 513 })).rejects.toMatchObject({
			kind: 'invalidOptions',
		});
	});

	it('can be cancelled', async () => {
		const controller = new AbortController();
		const onProgress = (): void => controller.abort();
		const run = encoderTokenVectors(paragraph.repeat(100), { signal: controller.signal, onProgress });
		await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
	});
});

describe('windows over tokens', () => {
	it('cover every token once, in order, within their bound and with context on both sides', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 6, max: 510 }), (tokens, room) => {
				const windows = planWindows(tokens, room);
				let next = 0;
				for (const { start, end, from, to } of windows) {
					expect(from).toBe(next);
					expect(start <= from && from < to && to <= end && end - start <= room).toBe(true);
					// A quarter of the window before and after, but at the ends of the text.
					if (from > 0) expect(from - start).toBeGreaterThanOrEqual(Math.floor(room / 4) - 2);
					if (to < tokens) expect(end - to).toBeGreaterThanOrEqual(Math.floor(room / 4) - 2);
					next = to;
				}
				expect(next).toBe(tokens);
			}),
		);
	});
});

describe('token states of an engine', () => {
	it('leave the prefix out and count from the start of the text', async () => {
		const pool = {
			embed: () => Promise.reject(new Error('not asked')),
			tokenVectors: (text: string) => {
				const words = [...text.matchAll(/\S+/g)].map(({ index, 0: word }) => ({
					start: index,
					end: index + word.length,
				}));
				return Promise.resolve({
					vectors: [...words, null].map((word) => Float32Array.of(word?.start ?? -1)),
					offsets: [...words, null],
					model: 'm',
					engine: 'e',
				});
			},
		};
		const embedder = createEmbedder({ pool, documentPrefix: 'passage: ' });
		expect(await embedder.tokenVectors?.('two words')).toEqual({
			vectors: [0, 9, 13, -1].map((x) => Float32Array.of(x)),
			offsets: [null, { start: 0, end: 3 }, { start: 4, end: 9 }, null],
		});
	});
});
