import type { Filter, Point } from '../../../lib/vectorIndex';
import { randomVector } from './data';

// Rows and filters made to meet: few fields, few values, and values that are nearly each other.

const words = [
	'a',
	'b',
	'ab',
	'abc',
	'b\0',
	'é',
	'Z',
	'',
	'2024-01-02T03:04:05.678Z',
	'2024-01-02',
	'😀',
	'\uffff',
	'x'.repeat(29),
	'x'.repeat(30),
	'x'.repeat(60),
	// What a query language, a regular expression or a path could take for its own.
	"' OR 1=1 --",
	"a') OR true OR ('",
	'";DROP TABLE rows;',
	'.*',
	')|(',
	'^$',
	'\\',
	'%_',
	'${f}',
	'null',
	'true',
	'1',
];
const numbers = [0, -1, 1, 0.5, -0.5, 1e300, -1e300, 5e-324, 2 ** 53, 7, 8, 9];
/** Names of metadata that nobody should give, and may. */
const hostileFields = [
	"f' OR 1=1 --",
	'facets',
	'id',
	'`end`',
	'constructor',
	'__proto__',
	'h[0]',
	'a"b]',
	'*',
	'$or',
];
const fields = ['f', 'g', 'h.i', 'h.j', 'source', 'start', 'generation', ...hostileFields];

function pick<T>(random: () => number, items: readonly T[]): T {
	return items[Math.floor(random() * items.length)]!;
}

function randomScalar(random: () => number): string | number | boolean {
	const kind = random();
	return kind < 0.45 ? pick(random, words) : kind < 0.9 ? pick(random, numbers) : random() < 0.5;
}

function randomValue(
	random: () => number,
): string | number | boolean | null | Array<string | number | boolean> {
	const kind = random();
	if (kind < 0.1) return null;
	if (kind < 0.3) return Array.from({ length: Math.floor(random() * 4) }, () => randomScalar(random));
	return randomScalar(random);
}

export function randomRow(i: number, random: () => number): Point & { id: string } {
	return {
		id: `r${i}`,
		source: pick(
			random,
			words.filter((word) => word !== ''),
		),
		text: `row ${i}`,
		...(random() < 0.7 && { start: Math.floor(random() * 10), end: 10 }),
		...(random() < 0.5 && { generation: pick(random, words) }),
		...(random() < 0.5 && { vector: randomVector(4, random) }),
		metadata: {
			f: randomValue(random),
			...(random() < 0.6 && { g: randomValue(random) }),
			...(random() < 0.5 && { [pick(random, hostileFields)]: randomValue(random) }),
			h: { i: randomValue(random), ...(random() < 0.5 && { j: [{ k: 1 }, randomValue(random)] }) },
		},
	};
}

export function randomFilter(random: () => number, depth: number): Filter {
	const kind = random();
	if (depth > 0 && kind < 0.15) return { not: randomFilter(random, depth - 1) };
	if (depth > 0 && kind < 0.3)
		return { and: [randomFilter(random, depth - 1), randomFilter(random, depth - 1)] };
	if (depth > 0 && kind < 0.5)
		return { or: [randomFilter(random, depth - 1), randomFilter(random, depth - 1)] };
	return { [pick(random, fields)]: randomCondition(random, 2) };
}

function randomCondition(random: () => number, depth: number): Filter[string] {
	const kind = random();
	if (kind < 0.25) return randomScalar(random);
	if (kind < 0.3) return null;
	if (kind < 0.4) return { exists: random() < 0.5 };
	if (kind < 0.5) return { in: Array.from({ length: Math.floor(random() * 4) }, () => randomScalar(random)) };
	if (kind < 0.6 && depth > 0) return { not: randomCondition(random, depth - 1) as never };
	const bound =
		random() < 0.5
			? () => pick(random, numbers)
			: () =>
					pick(
						random,
						words.filter((word) => Buffer.byteLength(word) <= 29),
					);
	const from = pick(random, ['gt', 'gte']);
	const to = pick(random, ['lt', 'lte']);
	const sides = random();
	if (sides < 0.35) return { [from]: bound() };
	if (sides < 0.7) return { [to]: bound() };
	return { [from]: bound(), [to]: bound() };
}
