import {
	type Chunk,
	chunkSync,
	embedLate,
	type LateServices,
	lateVectors,
	type TokenVectors,
} from '../../../lib/chunking';
import { macroWindows } from '../../../lib/chunking/late/windows';
import { LocalEngineError } from '../../../lib/support';

const TEXT = Array.from(
	{ length: 60 },
	(_, i) => `Word${i} and more of it${i % 4 === 0 ? ' 😀' : ''}. `,
).join('');
const CHUNKS = [...chunkSync(TEXT, { method: 'sentence', size: 120 })];

/** An encoder whose token vector is (position in the whole text, length, 1), so that means can be foretold. */
function tokensOf(part: string): TokenVectors {
	const origin = TEXT.indexOf(part);
	const words = [...part.matchAll(/\S+/g)];
	const special = new Float32Array([9, 9, 9]);
	return {
		vectors: [
			special,
			...words.map((word) => new Float32Array([origin + word.index, word[0].length, 1])),
			special,
		],
		offsets: [null, ...words.map((word) => ({ start: word.index, end: word.index + word[0].length })), null],
	};
}

function expected({ start, end }: Chunk): number[] {
	const words = [...TEXT.matchAll(/\S+/g)].filter(({ index }) => index >= start && index < end);
	const sum = words.reduce(
		(total, word) => [(total[0] ?? 0) + word.index, (total[1] ?? 0) + word[0].length, (total[2] ?? 0) + 1],
		[0, 0, 0],
	);
	const length = Math.hypot(...sum);
	return sum.map((value) => value / length);
}

const ordinary = (texts: readonly string[]): Promise<Float32Array[]> =>
	Promise.resolve(texts.map(() => new Float32Array([0, 0, 1])));

async function late(
	tokenVectors: LateServices['tokenVectors'],
	services: Partial<LateServices> = {},
	options = {},
): Promise<Array<{ chunk: Chunk; vector: Float32Array; reason?: string }>> {
	const found = [];
	for await (const item of embedLate(TEXT, CHUNKS, { tokenVectors, embed: ordinary, ...services }, options))
		found.push(item);
	return found;
}

describe('Late chunking', () => {
	test('pools the tokens of each chunk, special tokens left out, across overlapping windows', async () => {
		const windows: string[] = [];
		const found = await late(
			(part) => {
				windows.push(part);
				return Promise.resolve(tokensOf(part));
			},
			{},
			{ maxTokens: 200, overlapTokens: 40 },
		);
		expect(windows.length).toBeGreaterThan(2);
		expect(found).toHaveLength(CHUNKS.length);
		found.forEach(({ chunk, vector }, i) => {
			expect(chunk).toEqual(CHUNKS[i]);
			expected(chunk).forEach((value, k) => expect(vector[k]).toBeCloseTo(value, 5));
		});
		// Neighbouring windows share text, and none is longer than the encoder reads.
		for (const window of windows) expect(window.length / 2.5).toBeLessThanOrEqual(200);
		windows
			.slice(1)
			.forEach((window, i) =>
				expect(TEXT.indexOf(window)).toBeLessThan(TEXT.indexOf(windows[i] ?? '') + (windows[i]?.length ?? 0)),
			);
	});

	test('gives vectors alone, one a chunk', async () => {
		const vectors = await lateVectors(TEXT, CHUNKS, {
			tokenVectors: (part) => Promise.resolve(tokensOf(part)),
		});
		expect(vectors).toHaveLength(CHUNKS.length);
		expect(Math.hypot(...(vectors[3] ?? []))).toBeCloseTo(1, 5);
	});

	test.each<[string, (tokens: TokenVectors, part: string) => TokenVectors]>([
		['a vector too few', ({ vectors, offsets }) => ({ vectors: vectors.slice(1), offsets })],
		[
			'offsets in bytes',
			({ vectors, offsets }, part) => ({
				vectors,
				offsets: offsets.map(
					(at) =>
						at && {
							start: Buffer.byteLength(part.slice(0, at.start)),
							end: Buffer.byteLength(part.slice(0, at.end)),
						},
				),
			}),
		],
		['offsets out of order', ({ vectors, offsets }) => ({ vectors, offsets: [...offsets].reverse() })],
		[
			'a text cut off',
			({ vectors, offsets }) => ({ vectors: vectors.slice(0, 20), offsets: offsets.slice(0, 20) }),
		],
		[
			'vectors of different lengths',
			({ vectors, offsets }) => ({
				vectors: vectors.map((vector, i) => (i === 2 ? vector.slice(1) : vector)),
				offsets,
			}),
		],
	])('falls back with a flag when the engine gives %s', async (_, spoil) => {
		const found = await late((part) => Promise.resolve(spoil(tokensOf(part), part)));
		expect(found).toHaveLength(CHUNKS.length);
		for (const { chunk, vector, reason } of found) {
			expect(chunk.flags).toEqual(['lateFallback']);
			expect([...vector]).toEqual([0, 0, 1]);
			expect(reason).toBeTruthy();
		}
	});

	test('falls back for a chunk longer than the encoder reads, and only for it', async () => {
		const chunks = [...chunkSync(TEXT, { method: 'fixed', size: 900 })];
		const flags = [];
		for await (const { chunk } of embedLate(
			TEXT,
			chunks,
			{ tokenVectors: (part) => Promise.resolve(tokensOf(part)), embed: ordinary },
			{ maxTokens: 300, overlapTokens: 20 },
		))
			flags.push(chunk.flags);
		expect(flags).toEqual([...chunks.slice(0, -1).map(() => ['lateFallback']), undefined]);
	});

	test('says why it cannot where there is nothing to fall back on', async () => {
		const tokenVectors = (): Promise<TokenVectors> => Promise.resolve({ vectors: [], offsets: [] });
		await expect(lateVectors(TEXT, CHUNKS, { tokenVectors })).rejects.toMatchObject({
			kind: 'missingService',
			message: /no vectors/,
		});
		await expect(
			lateVectors(TEXT, CHUNKS, { tokenVectors }, { maxTokens: 100, overlapTokens: 50 }),
		).rejects.toMatchObject({ kind: 'invalidOptions' });
	});

	test('falls back when the engine finds a window too long, and passes on any other trouble', async () => {
		class EngineTrouble extends LocalEngineError {}
		const refuse = (kind: string) => () => Promise.reject(new EngineTrouble(kind, `the engine said ${kind}`));
		const found = await late(refuse('contextExceeded'));
		expect(found.every(({ reason }) => reason === 'the engine said contextExceeded')).toBe(true);
		expect(found).toHaveLength(CHUNKS.length);
		await expect(late(refuse('unreachable'))).rejects.toMatchObject({ kind: 'unreachable' });
	});
});

test('without a tokenizer no window is longer than an encoder reads, in scripts of a token per character too', async () => {
	const text = '人生は短い。芸術は長い。'.repeat(100);
	const chunks = [...chunkSync(text, { method: 'sentence', size: 60 })];
	const covered: Chunk[] = [];
	const bounds = { maxTokens: 256, overlapTokens: 16 };
	for await (const { start, end, chunks: group, tooLong } of macroWindows(text, chunks, undefined, bounds)) {
		expect(tooLong).toBe(false);
		// The vocabularies of encoders have a token per character of Japanese, and two marks around the text.
		expect(end - start + 2).toBeLessThanOrEqual(256);
		covered.push(...group);
	}
	expect(covered).toEqual(chunks);
});
