import type { JsonValue } from '../../support';

/** What Qdrant's client hands out, as JSON: it reads whole numbers beyond 2^53 as BigInt, which become numbers again. */
export function plainJson(value: unknown): JsonValue {
	if (typeof value === 'bigint') return Number(value);
	if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
	if (Array.isArray(value)) return value.map(plainJson);
	if (typeof value !== 'object' || value === null) return null;
	return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainJson(each)]));
}
