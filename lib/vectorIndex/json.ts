import type { JsonValue } from './types';

/** JSON.parse with the type its results have. */
export function parseJson(json: string): JsonValue {
	return toJson(JSON.parse(json));
}

/** A parsed value as JSON: whole numbers beyond 2^53, which Qdrant's client hands out as BigInt, become numbers again. */
export function toJson(value: unknown): JsonValue {
	if (typeof value === 'bigint') return Number(value);
	if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
	if (Array.isArray(value)) return value.map(toJson);
	if (typeof value !== 'object' || value === null) return null;
	return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJson(each)]));
}

export function isObject(value: unknown): value is { readonly [key: string]: JsonValue } {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
