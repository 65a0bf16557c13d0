import { isNestedTooDeep } from '../support';
import type { JsonObject, JsonValue } from './types';

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
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

export function asString(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The parsed text; undefined when it is not JSON, or nested deeper than anything that is taken from outside. */
export function parseJson(text: string): unknown {
	if (isNestedTooDeep(text)) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** JSON with sorted keys: the same value gives the same text whatever order it was built in. */
export function stableJson(value: unknown): string {
	return JSON.stringify(value, (_key, entry: unknown) =>
		isObject(entry) ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1))) : entry,
	);
}

/** A copy without the properties that are undefined. Built up, not cut down: V8 keeps objects with deleted properties as slow, large hash tables. */
export function compact<T extends object>(value: T): T;
export function compact(value: { readonly [key: string]: unknown }): object {
	const copy: { [key: string]: unknown } = {};
	for (const key in value) {
		const entry = value[key];
		if (entry !== undefined) copy[key] = entry;
	}
	return copy;
}
