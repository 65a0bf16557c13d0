import { dot } from '../../support';
import type { PieceVectors } from './vectors';

/** Standard deviations by which a pair must be more alike than the mean to speak for one chunk (eval `chunking`). */
export const CLUSTER_AMOUNT = 1;

/**
 * The segmentation whose segments are, in sum, most alike inside: dynamic programming over the similarity of all pairs
 * of pieces in a segment, each less a base line, so that only pieces more alike than usual gain by standing together.
 * After the ClusterSemanticChunker of the Chroma study (research.trychroma.com/evaluating-chunking), which takes the mean
 * for the base line; pieces of one document are alike anyway, and `amount` deviations more make for sharper cuts.
 *
 * @param lengths length of each piece, and @param most the bound on a segment's sum of them
 * @returns ascending indices of the pieces that end a segment
 */
export function clusterEnds(
	{ rows, dimensions }: PieceVectors,
	lengths: readonly number[],
	most: number,
	amount: number,
): number[] {
	const count = lengths.length;
	const base = baseLine(rows, dimensions, count, amount);
	const best = new Float64Array(count + 1);
	const from = new Int32Array(count + 1);
	/** Reward of the segment from each start to the current end; every step adds the new piece's pairs. */
	const rewards = new Float64Array(count);
	for (let last = 0; last < count; last++) {
		let pairs = 0;
		let length = 0;
		let top = Number.NEGATIVE_INFINITY;
		for (let start = last; start >= 0; start--) {
			length += lengths[start] ?? 0;
			if (length > most && start < last) break;
			if (start < last) pairs += dot(rows, rows, start * dimensions, last * dimensions, dimensions) - base;
			const reward = (rewards[start] ?? 0) + pairs;
			rewards[start] = reward;
			const total = (best[start] ?? 0) + reward;
			if (total > top) {
				top = total;
				from[last + 1] = start;
			}
		}
		best[last + 1] = top;
	}
	const ends: number[] = [];
	for (let end = count; end > 0; end = from[end] ?? 0) ends.push(end - 1);
	return ends.reverse();
}

/** Pairs looked at for the base line: enough for two digits, and few beside those the segmentation needs. */
const SAMPLED = 16_384;

/** Mean similarity of pieces and `amount` standard deviations, over pairs spread evenly through the text. */
function baseLine(rows: Float32Array, dimensions: number, count: number, amount: number): number {
	const distances = Math.min(count - 1, Math.max(1, Math.floor(SAMPLED / Math.max(1, count))));
	let sum = 0;
	let squares = 0;
	let pairs = 0;
	for (let n = 1; n <= distances; n++) {
		const apart = Math.max(1, Math.floor((n * count) / (distances + 1)));
		for (let i = 0; i + apart < count; i++) {
			const similarity = dot(rows, rows, i * dimensions, (i + apart) * dimensions, dimensions);
			sum += similarity;
			squares += similarity * similarity;
			pairs++;
		}
	}
	if (pairs === 0) return 0;
	const mean = sum / pairs;
	return mean + amount * Math.sqrt(Math.max(0, squares / pairs - mean * mean));
}
