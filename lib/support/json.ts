import { isNestedTooDeep } from './plainJson';

/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

/** An object of whose properties nothing is known yet. */
export type UnknownObject = { readonly [key: string]: unknown };

/** Whether it is an object with properties: neither null nor a list. Of a JSON value, whether it is a JSON object. */
export function isObject(value: unknown): value is UnknownObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for values that JSON can hold; undefined properties count as absent. */
export function isJson(value: unknown): value is JsonValue {
	if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
	if (typeof value === 'number') return Number.isFinite(value);
	if (Array.isArray(value)) return value.every(isJson);
	return isJsonObject(value);
}

export function isJsonObject(value: unknown): value is JsonObject {
	return isObject(value) && Object.values(value).every((entry) => entry === undefined || isJson(entry));
}

export function asObject(value: unknown): UnknownObject | undefined {
	return isObject(value) ? value : undefined;
}

/** The list, or an empty one. */
export function asArray(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

export function asString(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

/** The number if it is a finite one. */
export function asNumber(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The parsed text; undefined when it is not valid JSON, or nested deeper than anything that is taken from outside. */
export function parseJson(text: string): JsonValue | undefined {
	if (isNestedTooDeep(text)) return undefined;
	try {
		return JSON.parse(text) as JsonValue;
	} catch {
		return undefined;
	}
}

/** JSON that we wrote ourselves. @throws SyntaxError when it is damaged */
export function readJson(text: string): JsonValue {
	return JSON.parse(text) as JsonValue;
}

/** A copy of the value as it reads back from JSON: without undefined, with dates as text. */
export function jsonCopy(value: unknown): JsonValue {
	return readJson(JSON.stringify(value));
}

/**
 * JSON with sorted keys: the same value gives the same text whatever order it was built in, so that it can be compared and
 * hashed. As in JSON, undefined properties and functions are left out; a value that is nothing in JSON gives "null".
 */
export function stableJson(value: unknown): string {
	// For undefined and functions JSON.stringify gives undefined, whatever its type says.
	const text: string | undefined = JSON.stringify(value, (_key, entry: unknown) =>
		isObject(entry) ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1))) : entry,
	);
	return text ?? 'null';
}

/** A copy without the properties that are undefined. Built up, not cut down: V8 keeps objects with deleted properties as slow, large hash tables. */
export function compact<T extends object>(value: T): T;
export function compact(value: UnknownObject): object {
	const copy: { [key: string]: unknown } = {};
	for (const key in value) {
		const entry = value[key];
		if (entry !== undefined) copy[key] = entry;
	}
	return copy;
}
