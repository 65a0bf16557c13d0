import fc from 'fast-check';
import {
	type Chunk,
	chunk,
	chunkSync,
	type ChunkOptions,
	type ChunkServices,
	type TokenRows,
} from '../../../lib/chunking';
import { bounds, countRough, graphemeBoundaries, sourceText } from './generators';

const TOPICS = ['cat dog horse pet fur', 'tax income budget deficit', 'violin opera chord melody'];
const WORDS = new Map(TOPICS.flatMap((topic, i) => topic.split(' ').map((word) => [word, i] as const)));

/** A model that knows three subjects: a text's vector counts its words of each. */
function vectorOf(text: string): Float32Array {
	const vector = new Float32Array(4);
	for (const [word] of text.matchAll(/[a-z]+/g))
		vector[WORDS.get(word) ?? 3] = (vector[WORDS.get(word) ?? 3] ?? 0) + 1;
	return vector;
}
const embed = (texts: readonly string[]): Promise<Float32Array[]> => Promise.resolve(texts.map(vectorOf));

/** The same model as a token table. */
function tokenRows(text: string): TokenRows {
	const words = [...text.matchAll(/[a-z]+/g)];
	return {
		starts: Int32Array.from(words, (word) => word.index),
		dimensions: 4,
		addRange: (from, to, target) => {
			for (let i = from; i < to; i++) {
				const column = WORDS.get(words[i]?.[0] ?? '') ?? 3;
				target[column] = (target[column] ?? 0) + 1;
			}
		},
	};
}

async function all(
	text: string,
	options: ChunkOptions,
	services: ChunkServices = { embed },
): Promise<Chunk[]> {
	const chunks: Chunk[] = [];
	for await (const piece of chunk(text, options, services)) chunks.push(piece);
	return chunks;
}

/** Sentences about each subject in turn, of different lengths. */
function story(...counts: number[]): { text: string; turns: number[] } {
	let text = '';
	const turns: number[] = [];
	counts.forEach((count, i) => {
		const words = (TOPICS[i % TOPICS.length] ?? '').split(' ');
		for (let n = 0; n < count; n++) text += `The ${words[n % 4]} and ${words[(n + 1) % 4]}. `;
		turns.push(text.length);
	});
	return { text, turns };
}

describe.each([
	['an embedding function', { embed }],
	['a token table', { tokenRows }],
])('With %s', (_, services: ChunkServices) => {
	test('cluster puts together what is about one subject', async () => {
		const { text, turns } = story(9, 4, 12, 6);
		const chunks = await all(text, { method: 'semantic', size: 2000, semantic: { pieceSize: 10 } }, services);
		expect(chunks.map(({ end }) => end)).toEqual(turns);
	});

	test('breakpoint cuts where the subject changes', async () => {
		const { text, turns } = story(10, 10, 10);
		const semantic = { strategy: 'breakpoint', amount: 93, buffer: 0 } as const;
		const chunks = await all(text, { method: 'semantic', size: 2000, semantic }, services);
		expect(chunks.map(({ end }) => end)).toEqual(turns);
	});

	test.each([
		['deviation', 1],
		['gradient', 92],
	] as const)('breakpoint by %s cuts near the changes', async (threshold, amount) => {
		const { text, turns } = story(10, 10, 10);
		const semantic = { strategy: 'breakpoint', threshold, amount, buffer: 0 } as const;
		const ends = (await all(text, { method: 'semantic', size: 2000, semantic }, services)).map(
			({ end }) => end,
		);
		for (const turn of turns) expect(Math.min(...ends.map((end) => Math.abs(end - turn)))).toBeLessThan(30);
		expect(ends.length).toBeLessThan(8);
	});

	test('long texts are done in stretches without a cut where a stretch ends', async () => {
		const { text, turns } = story(1500, 1500, 1500);
		const semantic = { strategy: 'breakpoint', threshold: 'deviation', amount: 6, buffer: 0 } as const;
		const ends = (await all(text, { method: 'semantic', size: 100_000, semantic }, services)).map(
			({ end }) => end,
		);
		expect(ends).toEqual(turns);
	});
});

describe.each(['cluster', 'breakpoint'] as const)('Chunks by %s', (strategy) => {
	test('are exact spans within the bound that cover the source and cut no grapheme', async () => {
		await fc.assert(
			fc.asyncProperty(sourceText, bounds, fc.boolean(), async (text, { size, overlap }, inTokens) => {
				const semantic = { strategy };
				const options: ChunkOptions = inTokens
					? { method: 'semantic', size: size + 3, overlap, unit: 'custom', countTokens: countRough, semantic }
					: { method: 'semantic', size, overlap, semantic };
				const boundaries = graphemeBoundaries(text);
				const count = inTokens ? countRough : (piece: string) => piece.length;
				let covered = 0;
				for (const piece of await all(text, options)) {
					expect(text.slice(piece.start, piece.end)).toBe(piece.text);
					expect(boundaries).toContain(piece.start);
					expect(boundaries).toContain(piece.end);
					expect(piece.start).toBeLessThanOrEqual(covered);
					expect(piece.end).toBeGreaterThan(covered);
					covered = piece.end;
					if (!piece.flags) expect(count(piece.text)).toBeLessThanOrEqual(options.size);
				}
				expect(covered).toBe(text.length);
			}),
			{ numRuns: 200 },
		);
	});
});

describe('What cannot work says so', () => {
	const options: ChunkOptions = { method: 'semantic', size: 100 };

	test('no model', async () => {
		await expect(all('text', options, {})).rejects.toMatchObject({
			kind: 'missingService',
			message: /embedding model/,
		});
	});

	test('asked for at once', () => {
		expect(() => chunkSync('text', options)).toThrow(/use chunk\(\)/);
	});

	test.each([
		['too few vectors', () => Promise.resolve([])],
		[
			'vectors of different lengths',
			(texts: readonly string[]) => Promise.resolve(texts.map((_, i) => new Float32Array(i + 1))),
		],
		[
			'numbers that are none',
			(texts: readonly string[]) => Promise.resolve(texts.map(() => new Float32Array([Number.NaN]))),
		],
	])('%s', async (_, broken) => {
		await expect(
			all('One. Two. Three.', { ...options, semantic: { pieceSize: 6 } }, { embed: broken }),
		).rejects.toMatchObject({ kind: 'badService' });
	});

	test('unknown settings', async () => {
		await expect(all('x', { ...options, semantic: { amount: 200 } })).rejects.toMatchObject({
			kind: 'invalidOptions',
		});
	});

	test('a cancelled call', async () => {
		await expect(all('x', options, { embed, signal: AbortSignal.abort() })).rejects.toMatchObject({
			kind: 'cancelled',
		});
	});
});
