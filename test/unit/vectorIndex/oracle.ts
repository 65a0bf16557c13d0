import type { JsonValue } from '../../../lib/support';
import type { Filter, Point } from '../../../lib/vectorIndex';

/*
 * The filter language written down a second time, as plainly as possible: the back ends must agree with this.
 */

type Row = Pick<Point, 'source' | 'start' | 'end' | 'generation' | 'metadata'>;

export function matches(row: Row, filter: Filter): boolean {
	return Object.entries(filter).every(([field, condition]) => {
		if (field === 'and') return asFilters(condition).every((each) => matches(row, each));
		if (field === 'or') return asFilters(condition).some((each) => matches(row, each));
		if (field === 'not') return !asFilters([condition]).some((each) => matches(row, each));
		return meets(valuesOf(row, field), condition);
	});
}

function meets(values: readonly JsonValue[], condition: unknown): boolean {
	if (condition === null) return values.length === 0;
	if (typeof condition !== 'object') return values.includes(condition as JsonValue);
	const { gt, gte, lt, lte, in: among, exists, not, ...rest } = condition as Record<string, unknown>;
	if (Object.keys(rest).length > 0) throw new Error(`the oracle does not know ${Object.keys(rest).join()}`);
	if (exists !== undefined && values.length > 0 !== exists) return false;
	if (among !== undefined && !(among as JsonValue[]).some((each) => values.includes(each))) return false;
	if (not !== undefined && meets(values, not)) return false;
	const bounds = [gt, gte, lt, lte].filter((bound) => bound !== undefined);
	if (bounds.length === 0) return true;
	return values.some(
		(value) =>
			bounds.every((bound) => typeof bound === typeof value) &&
			(gt === undefined || compare(value, gt) > 0) &&
			(gte === undefined || compare(value, gte) >= 0) &&
			(lt === undefined || compare(value, lt) < 0) &&
			(lte === undefined || compare(value, lte) <= 0),
	);
}

/** Numbers by size, text by code point. */
function compare(a: unknown, b: unknown): number {
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function valuesOf(row: Row, field: string): JsonValue[] {
	if (field === 'source' || field === 'start' || field === 'end' || field === 'generation') {
		const value = row[field];
		return value === undefined ? [] : [value];
	}
	return leaves(row.metadata ?? {}, '').flatMap(([path, value]) => (path === field ? [value] : []));
}

function leaves(value: JsonValue, path: string): Array<[string, JsonValue]> {
	if (value === null) return [];
	if (Array.isArray(value)) return value.flatMap((each: JsonValue) => leaves(each, path));
	if (typeof value === 'object') {
		return Object.entries(value).flatMap(([key, each]) => leaves(each, path ? `${path}.${key}` : key));
	}
	return [[path, value]];
}

function asFilters(value: unknown): Filter[] {
	return value as Filter[];
}
