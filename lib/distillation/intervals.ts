/** A share with its 95 % interval. */
export interface Share {
	readonly value: number;
	readonly low: number;
	readonly high: number;
	readonly n: number;
}

const Z = 1.959964;

/** Wilson's score interval (1927): right for small samples and for shares near 0 and 1. */
export function wilson(successes: number, n: number): Share {
	if (n === 0) return { value: 0, low: 0, high: 1, n };
	const share = successes / n;
	const centre = (share + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
	const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
	return { value: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half), n };
}

/** Percentile bootstrap of a mean (Efron 1979), 2,000 draws, seeded. */
export function bootstrapMean(values: readonly number[], seed = 1, draws = 2000): Share {
	const n = values.length;
	const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
	if (n === 0) return { value: 0, low: 0, high: 0, n };
	let state = seed;
	const random = () => {
		// mulberry32
		state = (state + 0x6d2b79f5) | 0;
		let value = Math.imul(state ^ (state >>> 15), 1 | state);
		value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
		return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
	};
	const means = Float64Array.from({ length: draws }, () => {
		let sum = 0;
		for (let pick = 0; pick < n; pick++) sum += values[Math.floor(random() * n)] ?? 0;
		return sum / n;
	}).sort();
	return {
		value: mean(values),
		low: means[Math.floor(draws * 0.025)] ?? 0,
		high: means[Math.floor(draws * 0.975)] ?? 0,
		n,
	};
}
