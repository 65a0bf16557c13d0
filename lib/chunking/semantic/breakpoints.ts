import { dot, quantile } from '../../support';
import type { PieceVectors } from './vectors';

export type Threshold = 'percentile' | 'deviation' | 'gradient';

/** Defaults of LangChain's SemanticChunker: the 95th percentile, or three standard deviations above the mean. */
export const THRESHOLD_AMOUNT: Readonly<Record<Threshold, number>> = {
	percentile: 95,
	deviation: 3,
	gradient: 95,
};

/**
 * Cuts where the text changes its subject most: behind piece i when the cosine distance to piece i + 1 is above a
 * threshold taken from all distances (Kamradt, "5 Levels of Text Splitting", 2024; `gradient`: from how steeply the
 * distance rises, for texts of one narrow subject).
 * @returns ascending indices of the pieces that end a chunk; the last piece always does
 */
export function breakpoints(
	{ rows, dimensions }: PieceVectors,
	threshold: Threshold,
	amount: number,
): number[] {
	const count = dimensions === 0 ? 0 : rows.length / dimensions;
	const distances = new Float64Array(Math.max(0, count - 1));
	for (let i = 0; i < distances.length; i++)
		distances[i] = 1 - dot(rows, rows, i * dimensions, (i + 1) * dimensions, dimensions);
	const values = threshold === 'gradient' ? gradient(distances) : distances;
	const limit = threshold === 'deviation' ? aboveMean(values, amount) : quantile(values, amount / 100);
	const ends: number[] = [];
	values.forEach((value, i) => {
		if (value > limit) ends.push(i);
	});
	if (count > 0) ends.push(count - 1);
	return ends;
}

/** Central differences inside, one-sided at the ends, as numpy.gradient. */
function gradient(values: Float64Array): Float64Array {
	const last = values.length - 1;
	return values.map((value, i) => {
		if (last < 1) return 0;
		if (i === 0) return (values[1] ?? 0) - value;
		if (i === last) return value - (values[last - 1] ?? 0);
		return ((values[i + 1] ?? 0) - (values[i - 1] ?? 0)) / 2;
	});
}

function aboveMean(values: Float64Array, deviations: number): number {
	let sum = 0;
	for (const value of values) sum += value;
	const mean = sum / Math.max(1, values.length);
	let squares = 0;
	for (const value of values) squares += (value - mean) ** 2;
	return mean + deviations * Math.sqrt(squares / Math.max(1, values.length));
}
