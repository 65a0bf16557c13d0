import { keyOf, orderedDigits } from './facets';
import { comparable } from './instants';
import type { Bounds } from './parse';

const DIGITS = '0123456789abcdef';
const REST = '[^;]*';

/**
 * Regular expression that finds, in the facets of a row joined by ";", a value of the field within the bounds; or
 * undefined when no value can be. It is made of hexadecimal digits, classes and groups only, and takes linear time.
 * One expression for both bounds, because one value must meet both (a list [0, 9] has nothing between 3 and 5).
 */
export function rangePattern(field: string, bounds: Bounds): string | undefined {
	const from = bounds.from && { digits: digitsOf(bounds.from.value), inclusive: bounds.from.inclusive };
	const to = bounds.to && { digits: digitsOf(bounds.to.value), inclusive: bounds.to.inclusive };
	const pattern = from && to ? between(from, to, 0) : from ? atLeast(from, 0) : to ? atMost(to, 0) : REST;
	if (pattern === undefined) return undefined;
	return `(?:^|;)${keyOf(field)}${bounds.type === 'number' ? 'n' : 's'}${pattern}`;
}

interface Digits {
	readonly digits: string;
	readonly inclusive: boolean;
}

function digitsOf(value: number | string): string {
	return typeof value === 'number'
		? orderedDigits(value)
		: Buffer.from(comparable(value), 'utf8').toString('hex');
}

/** Values that begin like `bound` up to `at` and are above it. A value ends with "." (or "~", beyond any bound). */
function atLeast(bound: Digits, at: number): string {
	const digit = bound.digits[at];
	if (digit === undefined) return bound.inclusive ? REST : `[0-9a-f]${REST}`;
	return choice([digit + atLeast(bound, at + 1), ...above(digit)]);
}

function atMost(bound: Digits, at: number): string | undefined {
	const digit = bound.digits[at];
	if (digit === undefined) return bound.inclusive ? '[.]' : undefined;
	const same = atMost(bound, at + 1);
	return choice([...(same === undefined ? [] : [digit + same]), ...below(digit), '[.]']);
}

function between(from: Digits, to: Digits, at: number): string | undefined {
	const low = from.digits[at];
	const high = to.digits[at];
	if (low === undefined) return fromExhausted(from, to, at);
	if (high === undefined || low > high) return undefined;
	if (low === high) {
		const same = between(from, to, at + 1);
		return same === undefined ? undefined : low + same;
	}
	const upper = atMost(to, at + 1);
	const inside = DIGITS.slice(DIGITS.indexOf(low) + 1, DIGITS.indexOf(high));
	return choice([
		low + atLeast(from, at + 1),
		...(inside ? [`[${inside}]${REST}`] : []),
		...(upper === undefined ? [] : [high + upper]),
	]);
}

/** Everything of `from` is matched: what follows is above it, or equal when it ends here. */
function fromExhausted(from: Digits, to: Digits, at: number): string | undefined {
	if (from.inclusive) return atMost(to, at);
	const digit = to.digits[at];
	if (digit === undefined) return undefined;
	const same = atMost(to, at + 1);
	const ways = [...(same === undefined ? [] : [digit + same]), ...below(digit)];
	return ways.length === 0 ? undefined : choice(ways);
}

function above(digit: string): string[] {
	const digits = DIGITS.slice(DIGITS.indexOf(digit) + 1);
	return digits ? [`[${digits}]${REST}`] : [];
}

function below(digit: string): string[] {
	const digits = DIGITS.slice(0, DIGITS.indexOf(digit));
	return digits ? [`[${digits}]${REST}`] : [];
}

function choice(ways: readonly string[]): string {
	return ways.length === 1 ? (ways[0] ?? '') : `(?:${ways.join('|')})`;
}
