/** Arithmetic on vectors; lengths are taken to be equal. */

/** Cosine similarity; 0 when either vector is zero. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
	let dot = 0;
	let squareA = 0;
	let squareB = 0;
	for (let k = 0; k < a.length; k++) {
		const x = a[k] ?? 0;
		const y = b[k] ?? 0;
		dot += x * y;
		squareA += x * x;
		squareB += y * y;
	}
	return squareA === 0 || squareB === 0 ? 0 : dot / Math.sqrt(squareA * squareB);
}

/** The sum as a unit vector; a zero sum stays zero. */
export function normalise(sum: ArrayLike<number>): Float32Array {
	let square = 0;
	for (let k = 0; k < sum.length; k++) square += (sum[k] ?? 0) ** 2;
	const factor = square === 0 ? 0 : 1 / Math.sqrt(square);
	const vector = new Float32Array(sum.length);
	for (let k = 0; k < sum.length; k++) vector[k] = (sum[k] ?? 0) * factor;
	return vector;
}
