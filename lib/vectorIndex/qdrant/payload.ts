import type { Schemas } from '@qdrant/js-client-rest';
import { asNumber, asString, compact, contentId, isObject } from '../../support';
import { facetsOf, type Leaf } from '../filter/facets';
import { plainJson } from './json';
import { storedPoint, type PreparedPoint } from '../point';
import { termsOf } from '../terms';
import type { StoredPoint } from '../types';
import { FACETS, NUMBERS, orderKey, PARTS, textOrder, TEXTS } from './filter';
import { documentVector } from './sparse';

/** Names of the vectors of a point. */
export const DENSE = 'dense';
export const SPARSE = 'keywords';

/** The field of rows without a vector that says since when theirs is to be computed. */
export const PENDING = 'pending';

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
	PENDING,
];

/** Qdrant takes UUIDs and integers only: the same id always becomes the same UUID, which makes repeated writes safe. */
export function pointId(id: string): string {
	return contentId('point', id);
}

export function toPoint(prepared: PreparedPoint): Schemas['PointStruct'] {
	const { point, vector, hash, searched } = prepared;
	const terms = termsOf(searched);
	const { id, text, source, start, end, context, generation, parent, metadata, pendingSince } = point;
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
			...compact({ start, end, context, generation, parent, metadata, [PENDING]: pendingSince }),
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
	const { metadata } = fields;
	return storedPoint({
		id: asString(fields.id),
		text: asString(fields.text),
		source: asString(fields.source),
		metadata: isObject(metadata) && Object.keys(metadata).length > 0 ? metadata : undefined,
		start: asNumber(fields.start),
		end: asNumber(fields.end),
		context: asString(fields.context),
		generation: asString(fields.generation),
		parent: fields.parent,
		pendingSince: asNumber(fields[PENDING]),
		vector: isDense(vector) ? Float32Array.from(vector[DENSE]) : undefined,
	});
}

function isDense(vector: unknown): vector is { readonly [DENSE]: readonly number[] } {
	return isObject(vector) && Array.isArray(vector[DENSE]);
}
