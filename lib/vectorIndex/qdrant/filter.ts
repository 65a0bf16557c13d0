import type { Schemas } from '@qdrant/js-client-rest';
import { existsFacet, keyOf, ORDERED_BYTES, valueFacet } from '../filter/facets';
import { comparable } from '../filter/instants';
import type { Bound, Bounds, FilterNode } from '../filter/parse';

type QdrantFilter = Schemas['Filter'];
type Condition = Schemas['Condition'];

/*
 * Qdrant's own conditions mean different things with and without an index, refuse floats, and cannot order texts. So
 * rows carry the facets of facets.ts and numbers beside their payload, and a filter asks for those:
 *
 *   facets: ['…']              equality and existence: membership
 *   numbers: { <key>: [1.5] }  ranges of numbers, any of the values
 *   texts: { <key>: [{ a, b, c, d, e }] }  ranges of texts: their first 30 bytes as five numbers of six bytes each
 */

export const FACETS = 'facets';
export const NUMBERS = 'numbers';
export const TEXTS = 'texts';

/** The parts of a text's order, most important first. */
export const PARTS = ['a', 'b', 'c', 'd', 'e'] as const;
const BYTES_A_PART = ORDERED_BYTES / PARTS.length;

/** A filter for Qdrant. `tenantField` is looked up in its own index as well, which is what makes a tenant's search cheap. */
export function toQdrant(node: FilterNode, tenantField?: string): QdrantFilter {
	switch (node.op) {
		case 'and':
			return { must: node.nodes.map((each) => toQdrant(each, tenantField)) };
		case 'or':
			return { should: node.nodes.map((each) => toQdrant(each, tenantField)) };
		case 'not':
			return { must_not: [toQdrant(node.node, tenantField)] };
		case 'exists':
			return { must: [{ key: FACETS, match: { value: existsFacet(node.field) } }] };
		case 'in': {
			const own: Condition = {
				key: FACETS,
				match: { any: node.values.map((value) => valueFacet(node.field, value)) },
			};
			const texts = node.values.filter((value) => typeof value === 'string');
			const tenant: Condition[] =
				node.field === tenantField && texts.length === node.values.length
					? [{ key: `metadata.${node.field}`, match: { any: texts } }]
					: [];
			return { must: [own, ...tenant] };
		}
		case 'range':
			return rangeFilter(node.field, node.bounds);
	}
}

function rangeFilter(field: string, bounds: Bounds): QdrantFilter {
	const key = orderKey(field);
	if (bounds.type === 'number') {
		const { from, to } = bounds;
		const range = {
			...(from && { [from.inclusive ? 'gte' : 'gt']: from.value }),
			...(to && { [to.inclusive ? 'lte' : 'lt']: to.value }),
		};
		return { must: [{ key: `${NUMBERS}.${key}`, range }] };
	}
	const must: QdrantFilter[] = [];
	if (bounds.from) must.push(ordered(bounds.from, 'gt'));
	if (bounds.to) must.push(ordered(bounds.to, 'lt'));
	return { must: [{ nested: { key: `${TEXTS}.${key}`, filter: { must } } }] };
}

/** The name of a field below `numbers` and `texts`; begins with a letter, as Qdrant's paths like it. */
export function orderKey(field: string): string {
	return `k${keyOf(field)}`;
}

/** Part by part: the first is beyond the bound, or it is equal and the rest is beyond it. */
function ordered(
	{ value, inclusive }: Bound<string>,
	beyond: 'gt' | 'lt',
	part = 0,
	numbers = textOrder(value),
): QdrantFilter {
	const key = PARTS[part] ?? PARTS[0];
	const number = numbers[part] ?? 0;
	if (part === PARTS.length - 1)
		return { must: [{ key, range: { [inclusive ? `${beyond}e` : beyond]: number } }] };
	return {
		should: [
			{ key, range: { [beyond]: number } },
			{
				must: [
					{ key, range: { gte: number, lte: number } },
					ordered({ value, inclusive }, beyond, part + 1, numbers),
				],
			},
		],
	};
}

/** The first 30 bytes of a text as five numbers whose order is its order; below 2^53, so exact. */
export function textOrder(text: string): number[] {
	const bytes = Buffer.from(comparable(text), 'utf8').subarray(0, ORDERED_BYTES);
	return PARTS.map((_, part) => {
		let number = 0;
		// Base 257: a byte that is not there is 0, so that "a" is before "a\0".
		for (let i = 0; i < BYTES_A_PART; i++) {
			const byte = bytes[part * BYTES_A_PART + i];
			number = number * 257 + (byte === undefined ? 0 : byte + 1);
		}
		return number;
	});
}
