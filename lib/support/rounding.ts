/** Digits of a measured figure that mean something; the rest is noise that readers stumble over. */
const SIGNIFICANT = 4;
const DECIMALS = 3;

/** A measured figure to what it means: whole numbers as they are, others to three decimals, small ones to four digits. */
export function rounded(value: number): number {
	if (!Number.isFinite(value) || Number.isInteger(value)) return value;
	return Number(Math.abs(value) < 1 ? value.toPrecision(SIGNIFICANT) : value.toFixed(DECIMALS));
}

/** A copy of what was measured with every figure {@link rounded}, for people and tables. Not for data that others wrote. */
export function withRounded<T>(value: T): T {
	return copy(value) as T;
}

function copy(value: unknown): unknown {
	if (typeof value === 'number') return rounded(value);
	if (Array.isArray(value)) return value.map(copy);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)]));
}

/** A vector of 32-bit numbers as the shortest decimals that give the same vector back: half of what JSON would write. */
export function shortNumbers(vector: Float32Array): number[] {
	return Array.from(vector, (value) => {
		for (let digits = 6; digits < 9; digits++) {
			const short = Number(value.toPrecision(digits));
			if (Math.fround(short) === value) return short;
		}
		return Number(value.toPrecision(9));
	});
}
