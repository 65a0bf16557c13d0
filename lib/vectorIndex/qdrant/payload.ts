import type { Schemas } from '@qdrant/js-client-rest';
import { contentId, isObject, type JsonValue } from '../../support';
import { facetsOf, type Leaf } from '../filter/facets';
import { plainJson } from './json';
import type { PreparedPoint } from '../point';
import { termsOf } from '../terms';
import type { StoredPoint } from '../types';
import { FACETS, NUMBERS, orderKey, PARTS, textOrder, TEXTS } from './filter';
import { documentVector } from './sparse';

/** Names of the vectors of a point. */
export const DENSE = 'dense';
export const SPARSE = 'keywords';

/** What a hit is made of; facets and the like stay on the server. */
export const POINT_FIELDS = [
	'id',
	'text',
	'source',
	'start',
	'end',
	'context',
	'generation',
	'parent',
	'metadata',
];

/** Qdrant takes UUIDs and integers only: the same id always becomes the same UUID, which makes repeated writes safe. */
export function pointId(id: string): string {
	return contentId('point', id);
}

export function toPoint(prepared: PreparedPoint): Schemas['PointStruct'] {
	const { point, vector, hash, searched } = prepared;
	const terms = termsOf(searched);
	const { id, text, source, start, end, context, generation, parent, metadata } = point;
	// Qdrant's own fields are filtered the same way as metadata.
	const own = Object.entries({ source, start, end, generation });
	const leaves = [
		...prepared.leaves.filter(({ path }) => !own.some(([field]) => field === path)),
		...own.flatMap(([path, value]) => (value === undefined ? [] : [{ path, value }])),
	];
	return {
		id: pointId(id),
		vector: {
			...(vector && { [DENSE]: Array.from(vector, shortest) }),
			...(terms.length > 0 && { [SPARSE]: documentVector(terms) }),
		},
		payload: {
			...{ id, text, source, hash, [FACETS]: facetsOf(leaves), ...orders(leaves) },
			...(start !== undefined && { start }),
			...(end !== undefined && { end }),
			...(context !== undefined && { context }),
			...(generation !== undefined && { generation }),
			...(parent && { parent }),
			...(metadata && { metadata }),
		},
	};
}

/** Nine digits say a 32-bit float exactly; JavaScript would print its double with up to 17. */
function shortest(value: number): number {
	return Number(value.toPrecision(9));
}

function orders(leaves: readonly Leaf[]): Record<string, unknown> {
	const numbers: Record<string, number[]> = {};
	const texts: Record<string, Array<Record<string, number>>> = {};
	for (const { path, value } of leaves) {
		if (typeof value === 'number') (numbers[orderKey(path)] ??= []).push(value);
		if (typeof value === 'string') {
			const order = textOrder(value);
			(texts[orderKey(path)] ??= []).push(Object.fromEntries(PARTS.map((part, i) => [part, order[i] ?? 0])));
		}
	}
	return {
		...(Object.keys(numbers).length > 0 && { [NUMBERS]: numbers }),
		...(Object.keys(texts).length > 0 && { [TEXTS]: texts }),
	};
}

/** The point of a record with the payload POINT_FIELDS; with its vector where that was asked for. */
export function fromRecord({ payload, vector }: { payload?: unknown; vector?: unknown }): StoredPoint {
	const json = plainJson(payload);
	const fields = isObject(json) ? json : {};
	const { start, end, metadata, parent } = fields;
	const values = isDense(vector) ? Float32Array.from(vector[DENSE]) : undefined;
	return {
		id: text(fields.id) ?? '',
		text: text(fields.text) ?? '',
		source: text(fields.source) ?? '',
		...(isObject(metadata) && Object.keys(metadata).length > 0 && { metadata }),
		...(typeof start === 'number' && { start }),
		...(typeof end === 'number' && { end }),
		...(text(fields.context) !== undefined && { context: text(fields.context) }),
		...(text(fields.generation) !== undefined && { generation: text(fields.generation) }),
		...(parentOf(parent) && { parent: parentOf(parent) }),
		...(values && { vector: values }),
	};
}

function text(value: JsonValue | undefined): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

function parentOf(value: JsonValue | undefined): StoredPoint['parent'] {
	if (!isObject(value)) return undefined;
	const { start, end } = value;
	if (typeof start !== 'number' || typeof end !== 'number') return undefined;
	return { start, end, ...(text(value.text) !== undefined && { text: text(value.text) }) };
}

function isDense(vector: unknown): vector is { readonly [DENSE]: readonly number[] } {
	return typeof vector === 'object' && vector !== null && DENSE in vector && Array.isArray(vector[DENSE]);
}
