import { meanOf, quantile } from '../support';
import type { Chunk } from './types';

export interface ChunkStatistics {
	readonly count: number;
	/** In the unit the chunks were measured in: tokens where chunks have them, else characters. */
	readonly unit: 'tokens' | 'characters';
	readonly sizes: {
		readonly min: number;
		readonly median: number;
		readonly mean: number;
		readonly max: number;
	};
	/** Chunks larger than the bound because they cannot be cut (a grapheme, a word of a token unit). */
	readonly oversized: number;
	/** Equal bins from 0 to the largest chunk. */
	readonly histogram: ReadonlyArray<{ readonly from: number; readonly to: number; readonly count: number }>;
}

const BINS = 10;

/** Sizes of the chunks of one source. All figures are 0 for no chunks. */
export function chunkStatistics(chunks: readonly Chunk[]): ChunkStatistics {
	const inTokens = chunks.length > 0 && chunks.every(({ tokens }) => tokens !== undefined);
	const sizes = chunks
		.map(({ tokens, text }) => (inTokens ? (tokens ?? 0) : text.length))
		.sort((a, b) => a - b);
	const max = sizes.at(-1) ?? 0;
	const width = Math.max(1, Math.ceil(max / BINS));
	const histogram = Array.from({ length: Math.ceil(max / width) }, (_, bin) => ({
		from: bin * width,
		to: (bin + 1) * width,
		count: 0,
	}));
	for (const size of sizes) {
		const bin = histogram[Math.max(0, Math.ceil(size / width) - 1)];
		if (bin) bin.count++;
	}
	return {
		count: sizes.length,
		unit: inTokens ? 'tokens' : 'characters',
		sizes: {
			min: sizes[0] ?? 0,
			median: sizes.length === 0 ? 0 : Math.round(quantile(sizes, 0.5)),
			mean: sizes.length === 0 ? 0 : Math.round(meanOf(sizes)),
			max,
		},
		oversized: chunks.filter(({ flags }) => flags?.includes('oversized')).length,
		histogram,
	};
}
