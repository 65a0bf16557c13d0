import { dot, type PieceVectors } from './vectors';

/**
 * The segmentation whose segments are, in sum, most alike inside: dynamic programming over the similarity of all pairs
 * of pieces in a segment, each less the mean similarity of the text, so that only pieces more alike than usual gain by
 * standing together (ClusterSemanticChunker of the Chroma study, research.trychroma.com/evaluating-chunking).
 *
 * The sum over all pairs of unit vectors is (|sum|² − Σ|v|²) / 2, so each segment costs one product, not a matrix.
 *
 * @param lengths length of each piece, and @param most the bound on a segment's sum of them
 * @returns ascending indices of the pieces that end a segment
 */
export function clusterEnds(
	{ rows, dimensions }: PieceVectors,
	lengths: readonly number[],
	most: number,
): number[] {
	const count = lengths.length;
	const mean = meanSimilarity(rows, dimensions, count);
	const best = new Float64Array(count + 1);
	const from = new Int32Array(count + 1);
	const sum = new Float64Array(dimensions);
	for (let end = 1; end <= count; end++) {
		sum.fill(0);
		let reward = 0;
		let length = 0;
		let top = Number.NEGATIVE_INFINITY;
		for (let start = end - 1; start >= 0; start--) {
			length += lengths[start] ?? 0;
			if (length > most && start < end - 1) break;
			// Pairs of the new piece with those already in the segment.
			reward += dot(sum, 0, rows, start * dimensions, dimensions) - mean * (end - 1 - start);
			add(sum, rows, start * dimensions);
			const total = (best[start] ?? 0) + reward;
			if (total > top) {
				top = total;
				from[end] = start;
			}
		}
		best[end] = top;
	}
	const ends: number[] = [];
	for (let end = count; end > 0; end = from[end] ?? 0) ends.push(end - 1);
	return ends.reverse();
}

function meanSimilarity(rows: Float32Array, dimensions: number, count: number): number {
	if (count < 2) return 0;
	const sum = new Float64Array(dimensions);
	let squares = 0;
	for (let i = 0; i < count; i++) {
		add(sum, rows, i * dimensions);
		squares += dot(rows, i * dimensions, rows, i * dimensions, dimensions);
	}
	return (dot(sum, 0, sum, 0, dimensions) - squares) / (count * (count - 1));
}

function add(sum: Float64Array, rows: Float32Array, from: number): void {
	for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + (rows[from + k] ?? 0);
}
