/** JSON as a request carries it; narrowed where it is used. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function asObject(value: Json | undefined): JsonObject {
	return isObject(value) ? value : {};
}

export function isObject(value: Json | undefined): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text as it is, anything else as JSON. */
export function textOf(value: Json | undefined): string {
	return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

export function asList(value: Json | undefined): Json[] {
	return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

/** An answer that is an error; the server turns it into Qdrant's usual shape. */
export class Refusal extends Error {
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}

export type PointId = string | number;

/** Integers before UUIDs, each in their order: the order of a scroll. */
export function compareIds(a: PointId, b: PointId): number {
	if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
	return typeof b === 'number' ? 1 : a < b ? -1 : a > b ? 1 : 0;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function toId(value: Json | undefined): PointId {
	if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
	const text = typeof value === 'string' ? value.toLowerCase() : '';
	if (UUID.test(text)) return text;
	throw new Refusal(
		400,
		'Format error in JSON body: data did not match any variant of untagged enum PointsSelector',
	);
}

/** Lists of the server are in no order: whoever needs one has to make it. */
export function inNoOrder<T>(items: Iterable<T>): T[] {
	return [...items]
		.map((item) => ({ item, at: Math.random() }))
		.sort((a, b) => a.at - b.at)
		.map(({ item }) => item);
}
