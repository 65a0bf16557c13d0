export type Distance = 'Cosine' | 'Dot' | 'Euclid' | 'Manhattan';

export interface SparseVector {
	readonly indices: readonly number[];
	readonly values: readonly number[];
}

/** What Qdrant stores: 32-bit floats, for Cosine of unit length (the zero vector stays as it is). */
export function stored(vector: readonly number[], distance: Distance): number[] {
	const floats = vector.map(Math.fround);
	if (distance !== 'Cosine') return floats;
	const length = Math.fround(Math.sqrt(floats.reduce((sum, value) => sum + value * value, 0)));
	return length < 1e-12 ? floats : floats.map((value) => Math.fround(value / length));
}

/** Score of two stored vectors, as Qdrant prints it. */
export function score(a: readonly number[], b: readonly number[], distance: Distance): number {
	const pairs = a.map((value, i) => [value, b[i] ?? 0] as const);
	const sum = (of: (x: number, y: number) => number): number =>
		pairs.reduce((total, [x, y]) => total + of(x, y), 0);
	if (distance === 'Euclid') return Math.fround(Math.sqrt(sum((x, y) => (x - y) ** 2)));
	if (distance === 'Manhattan') return Math.fround(sum((x, y) => Math.abs(x - y)));
	return Math.fround(sum((x, y) => x * y));
}

export function lowerIsBetter(distance: Distance): boolean {
	return distance === 'Euclid' || distance === 'Manhattan';
}

/** Weight of a token that `holders` of `total` vectors hold: ln((N − n + 0.5) / (n + 0.5) + 1). */
export function idf(total: number, holders: number): number {
	return Math.log((total - holders + 0.5) / (holders + 0.5) + 1);
}

/** Dot product over the tokens both have; undefined when they share none. */
export function sparseScore(
	query: SparseVector,
	document: SparseVector,
	weight: (index: number) => number,
): number | undefined {
	const values = new Map(document.indices.map((index, i) => [index, document.values[i] ?? 0]));
	let total: number | undefined;
	query.indices.forEach((index, i) => {
		const value = values.get(index);
		if (value !== undefined && value !== 0)
			total = (total ?? 0) + (query.values[i] ?? 0) * value * weight(index);
	});
	return total === undefined ? undefined : Math.fround(total);
}
