import type { JsonValue } from './types';

/** JSON.parse with the type its results have. */
export function parseJson(json: string): JsonValue {
	const value: unknown = JSON.parse(json);
	return isJson(value) ? value : null;
}

/** Whatever JSON.parse returns is one; undefined and functions are not. */
function isJson(value: unknown): value is JsonValue {
	return value !== undefined && typeof value !== 'function';
}

export function isObject(value: unknown): value is { readonly [key: string]: JsonValue } {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
