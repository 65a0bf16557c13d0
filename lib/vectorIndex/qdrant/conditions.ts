import type { Schemas } from '@qdrant/js-client-rest';
import { asObject, isObject } from '../../support';

/*
 * A server in strict mode may allow only some conditions in a filter. One with more is sent in part, and the rest is looked up in the rows
 * that come back. Only the conditions that this pack makes are known here.
 */

type Filter = Schemas['Filter'];
type Condition = Schemas['Condition'];
type Clause = Filter['must'];

const listOf = (clause: Clause): readonly Condition[] =>
	clause === undefined || clause === null ? [] : Array.isArray(clause) ? clause : [clause];

const isFilter = (condition: Condition): condition is Filter =>
	'must' in condition || 'should' in condition || 'must_not' in condition;

/** The same filter with no condition of more values than allowed. */
export function smaller(filter: Filter, most: number): Filter {
	if (most === Infinity) return filter;
	const conditions = (value: unknown): Condition[] =>
		(Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map(
			(each: Condition) => split(each, most),
		);
	return {
		...filter,
		...(filter.must && { must: conditions(filter.must) }),
		...(filter.should && { should: conditions(filter.should) }),
		...(filter.must_not && { must_not: conditions(filter.must_not) }),
	};
}

function split(condition: Condition, most: number): Condition {
	if ('must' in condition || 'should' in condition || 'must_not' in condition)
		return smaller(condition, most);
	if ('has_id' in condition && condition.has_id.length > most)
		return { should: groups(condition.has_id, most).map((ids) => ({ has_id: ids })) };
	if (!('match' in condition) || !isObject(condition.match) || !('any' in condition.match)) return condition;
	const { key, match } = condition;
	const { any } = match;
	if (!Array.isArray(any) || any.length <= most) return condition;
	const values: readonly unknown[] = any;
	return {
		should: groups(values, most).map(
			(some): Condition => ({
				key,
				match: { any: some.map(String) },
			}),
		),
	};
}

export function groups<T>(values: readonly T[], size: number): T[][] {
	return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
		values.slice(i * size, (i + 1) * size),
	);
}

/** How many conditions the server counts in a filter, those of the filters within included. */
export function countConditions(filter: Filter): number {
	return [filter.must, filter.should, filter.must_not]
		.flatMap(listOf)
		.reduce((sum, condition) => sum + countIn(condition), 0);
}

function countIn(condition: Condition): number {
	if (isFilter(condition)) return countConditions(condition);
	return 'nested' in condition ? countConditions(condition.nested.filter) : 1;
}

/**
 * A filter of at most so many conditions that every row meets which meets the given one.
 * @param without fields that it must not ask for
 */
export function widened(filter: Filter, most: number, without: ReadonlySet<string>): Filter {
	const must: Condition[] = [];
	let left = most;
	const fits = (part: Condition): boolean =>
		countIn(part) <= left && !keysIn(part).some((key) => without.has(key));
	const cheapestFirst = partsOf(filter).sort((a, b) => countIn(a) - countIn(b));
	for (const part of cheapestFirst) {
		const kept = fits(part) ? part : roughly(part);
		if (kept === undefined || !fits(kept)) continue;
		must.push(kept);
		left -= countIn(kept);
	}
	return { must };
}

/** All of which a row has to meet. */
function partsOf(filter: Filter): Condition[] {
	const { must, should, must_not: not } = filter;
	return [
		...listOf(must).flatMap((each) => (isFilter(each) ? partsOf(each) : [each])),
		...(listOf(should).length > 0 ? [{ should }] : []),
		...(listOf(not).length > 0 ? [{ must_not: not }] : []),
	];
}

/** A range of texts by their first bytes only. */
function roughly(condition: Condition): Condition | undefined {
	if (!('nested' in condition)) return undefined;
	const { key, filter } = condition.nested;
	const bounds = partsOf(filter).flatMap((bound): Condition[] => {
		const [first] = isFilter(bound) ? listOf(bound.should) : [];
		if (first === undefined || !('range' in first) || !isObject(first.range)) return [];
		const { gt, lt } = first.range;
		const range = { ...(gt !== undefined && { gte: gt }), ...(lt !== undefined && { lte: lt }) };
		return [{ key: first.key, range } as Condition];
	});
	return bounds.length === 0 ? undefined : { nested: { key, filter: { must: bounds } } };
}

/** Fields that a filter asks for, as the server names them. */
export function keysOf(filter: Filter, prefix = ''): string[] {
	return [filter.must, filter.should, filter.must_not]
		.flatMap(listOf)
		.flatMap((each) => keysIn(each, prefix));
}

function keysIn(condition: Condition, prefix = ''): string[] {
	if (isFilter(condition)) return keysOf(condition, prefix);
	if ('nested' in condition) return keysOf(condition.nested.filter, `${prefix}${condition.nested.key}[].`);
	return 'key' in condition ? [prefix + condition.key] : [];
}

/** What a row has to be read with so that its conditions can be looked up. */
export function fieldsOf(filter: Filter): string[] {
	const fields = [filter.must, filter.should, filter.must_not].flatMap(listOf).flatMap((each): string[] => {
		if (isFilter(each)) return fieldsOf(each);
		const key = 'nested' in each ? each.nested.key : 'key' in each ? each.key : undefined;
		const [field] = key?.split('.') ?? [];
		return field === undefined ? [] : [field];
	});
	return [...new Set(fields)];
}

/** Whether a row, read with those fields and the names of its vectors, meets a filter. */
export function meets(row: Schemas['Record'], { must, should, must_not: not }: Filter): boolean {
	const met = (condition: Condition): boolean => meetsOne(row, condition);
	const any = listOf(should);
	return listOf(must).every(met) && (any.length === 0 || any.some(met)) && !listOf(not).some(met);
}

function meetsOne(row: Schemas['Record'], condition: Condition): boolean {
	if (isFilter(condition)) return meets(row, condition);
	if ('has_id' in condition) return condition.has_id.includes(row.id);
	if ('nested' in condition) {
		const { key, filter } = condition.nested;
		return valuesAt(row.payload, key).some((payload) =>
			meets({ id: row.id, payload: isObject(payload) ? payload : {} }, filter),
		);
	}
	if (!('key' in condition)) throw new Error(`unknown condition ${JSON.stringify(condition)}`);
	const values = valuesAt(row.payload, condition.key);
	const match = 'match' in condition ? asObject(condition.match) : undefined;
	if (match) {
		const wanted: readonly unknown[] = Array.isArray(match.any) ? match.any : [match.value];
		return values.some((each) => wanted.includes(each));
	}
	if (!('range' in condition) || !isObject(condition.range))
		throw new Error(`unknown condition ${JSON.stringify(condition)}`);
	const { gt, gte, lt, lte } = condition.range;
	const beyond = (bound: unknown, test: (bound: number) => boolean): boolean =>
		typeof bound !== 'number' || test(bound);
	return values.some(
		(value) =>
			typeof value === 'number' &&
			beyond(gt, (bound) => value > bound) &&
			beyond(gte, (bound) => value >= bound) &&
			beyond(lt, (bound) => value < bound) &&
			beyond(lte, (bound) => value <= bound),
	);
}

/** Values at a path; each of a list for itself. */
function valuesAt(payload: unknown, path: string): unknown[] {
	const found = path
		.split('.')
		.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), payload);
	return Array.isArray(found) ? found : [found];
}
