import fc from 'fast-check';
import { type Chunk, type ChunkOptions, chunk, chunkSync } from '../../../lib/chunking';
import { bounds, countRough, graphemeBoundaries, sourceText } from './generators';

const METHODS = ['fixed', 'recursive', 'sentence', 'markdown', 'code'] as const;
const RUNS = { numRuns: 150 };

function all(text: string, options: ChunkOptions): Chunk[] {
	return [...chunkSync(text, options)];
}

/** What holds for every method, unit and text; throws with what is broken. */
function expectSound(text: string, chunks: Chunk[], options: ChunkOptions): void {
	const boundaries = graphemeBoundaries(text);
	const count = options.countTokens ?? ((piece: string) => piece.length);
	let covered = 0;
	chunks.forEach((piece, index) => {
		const before = chunks[index - 1];
		expect(piece.index).toBe(index);
		expect(text.slice(piece.start, piece.end)).toBe(piece.text);
		expect(piece.text).not.toBe('');
		expect(boundaries).toContain(piece.start);
		expect(boundaries).toContain(piece.end);
		expect(piece.start).toBeLessThanOrEqual(covered);
		expect(piece.end).toBeGreaterThan(covered);
		if (before) expect(piece.start).toBeGreaterThan(before.start);
		covered = piece.end;
		if (count(piece.text) > options.size) {
			expect(piece.flags).toEqual(['oversized']);
			expect([...boundaries].filter((at) => at > piece.start && at < piece.end)).toEqual([]);
		} else {
			expect(piece.flags).toBeUndefined();
		}
		if (options.countTokens) expect(piece.tokens).toBe(count(piece.text));
	});
	expect(covered).toBe(text.length);
}

describe.each(METHODS)('%s chunks', (method) => {
	test('are exact spans, cover the source, keep graphemes whole and stay within the size in characters', () => {
		fc.assert(
			fc.property(sourceText, bounds, (text, { size, overlap }) => {
				const options = { method, size, overlap };
				expectSound(text, all(text, options), options);
			}),
			RUNS,
		);
	});

	test('keep the same promises in tokens, recounted with a tokenizer that is neither additive nor monotone', () => {
		fc.assert(
			fc.property(sourceText, fc.integer({ min: 3, max: 60 }), fc.nat(), (text, size, seed) => {
				const options: ChunkOptions = {
					method,
					size,
					overlap: seed % size,
					unit: 'custom',
					countTokens: countRough,
				};
				expectSound(text, all(text, options), options);
			}),
			RUNS,
		);
	});

	test('concatenate to the source when they do not overlap', () => {
		fc.assert(
			fc.property(sourceText, fc.integer({ min: 1, max: 100 }), (text, size) => {
				const joined = all(text, { method, size })
					.map((piece) => piece.text)
					.join('');
				expect(joined).toBe(text);
			}),
			RUNS,
		);
	});

	test('overlap by exactly what was asked where no grapheme or fence is in the way', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[ -_a-z\n]{0,400}$/), bounds, (text, { size, overlap }) => {
				const chunks = all(text, { method, size, overlap });
				chunks
					.slice(1)
					.forEach((piece, index) => expect((chunks[index]?.end ?? 0) - piece.start).toBe(overlap));
			}),
			RUNS,
		);
	});

	test('overlap by at most what was asked everywhere, and by less only to spare a grapheme, a fence or new text', () => {
		fc.assert(
			fc.property(sourceText, bounds, (text, { size, overlap }) => {
				const boundaries = [...graphemeBoundaries(text)].sort((a, b) => a - b);
				const chunks = all(text, { method, size, overlap });
				chunks.slice(1).forEach((piece, index) => {
					const end = chunks[index]?.end ?? 0;
					expect(end - piece.start).toBeLessThanOrEqual(overlap);
					const asked = boundaries.find((at) => at >= end - overlap) ?? end;
					if (piece.start === asked || method === 'markdown') return;
					// Then one grapheme of new text beside the asked overlap would have been too large.
					const next = boundaries.find((at) => at > end) ?? text.length;
					expect(next - asked > size || asked <= (chunks[index]?.start ?? 0)).toBe(true);
				});
			}),
			RUNS,
		);
	});

	test('are the same every time, sync or async', async () => {
		await fc.assert(
			fc.asyncProperty(sourceText, bounds, async (text, { size, overlap }) => {
				const options = { method, size, overlap, parentSize: size * 3 };
				const first = all(text, options);
				expect(all(text, options)).toEqual(first);
				const later: Chunk[] = [];
				for await (const piece of chunk(text, options)) later.push(piece);
				expect(later).toEqual(first);
			}),
			{ numRuns: 100 },
		);
	});

	test('lie inside parent windows that keep their own bound and cut no grapheme', () => {
		fc.assert(
			fc.property(sourceText, bounds, fc.integer({ min: 1, max: 5 }), (text, { size, overlap }, factor) => {
				const boundaries = graphemeBoundaries(text);
				const parentSize = size * factor;
				for (const piece of all(text, { method, size, overlap, parentSize })) {
					const parent = piece.parent;
					if (!parent) throw new Error('no parent window');
					expect(parent.start).toBeLessThanOrEqual(piece.start);
					expect(parent.end).toBeGreaterThanOrEqual(piece.end);
					expect(boundaries).toContain(parent.start);
					expect(boundaries).toContain(parent.end);
					if (!piece.flags) expect(parent.end - parent.start).toBeLessThanOrEqual(parentSize);
				}
			}),
			RUNS,
		);
	});

	test('cost counting in proportion to the text: twice the input, at most 2.2 times the characters counted', () => {
		for (const unit of ['a', 'word ', '漢字', '[[[[', 'One sentence. Two\n\n', '| a | b |\n']) {
			const counted = [20_000, 40_000].map((length) => {
				let characters = 0;
				const countTokens = (text: string) => {
					characters += text.length;
					return countRough(text);
				};
				const text = unit.repeat(length / unit.length);
				for (const piece of chunkSync(text, { method, size: 50, overlap: 10, unit: 'custom', countTokens }))
					expect(piece.tokens).toBeLessThanOrEqual(50);
				return characters;
			});
			expect((counted[1] ?? 0) / (counted[0] ?? 1)).toBeLessThanOrEqual(2.2);
		}
	});
});
