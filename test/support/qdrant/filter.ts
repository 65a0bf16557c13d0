import {
	asList,
	asObject,
	isObject,
	Refusal,
	toId,
	type Json,
	type JsonObject,
	type PointId,
	textOf,
} from './values';

export interface Row {
	readonly id: PointId;
	readonly payload: JsonObject;
	readonly vectors: ReadonlyMap<string, unknown>;
}

const KEY = /^(?:"[^"]*"|[A-Za-z0-9_-]+)(?:\[\d*\])*(?:\.(?:"[^"]*"|[A-Za-z0-9_-]+)(?:\[\d*\])*)*$/;

/** Qdrant's filter conditions on fields without an index, as far as the recordings here show them. */
export function matches(row: Row, filter: Json | undefined): boolean {
	if (!isObject(filter)) return true;
	const { must, must_not: mustNot, should, min_should: minShould } = filter;
	if (!asList(must).every((each) => meets(row, each))) return false;
	if (asList(mustNot).some((each) => meets(row, each))) return false;
	const any = asList(should);
	if (any.length > 0 && !any.some((each) => meets(row, each))) return false;
	if (isObject(minShould)) {
		const met = asList(minShould.conditions).filter((each) => meets(row, each)).length;
		if (met < Number(minShould.min_count)) return false;
	}
	return true;
}

function meets(row: Row, condition: Json): boolean {
	const { key, match, range, nested, ...rest } = asObject(condition);
	if (nested !== undefined) return meetsNested(row, asObject(nested));
	if (rest.has_id !== undefined) return asList(rest.has_id).some((id) => toId(id) === row.id);
	if (rest.has_vector !== undefined) return row.vectors.has(textOf(rest.has_vector));
	if (rest.is_null !== undefined)
		return valuesAt(row.payload, textOf(asObject(rest.is_null).key)).includes(null);
	if (rest.is_empty !== undefined) {
		return flat(valuesAt(row.payload, textOf(asObject(rest.is_empty).key))).every((value) => value === null);
	}
	if (typeof key === 'string' && !KEY.test(key))
		throw new Refusal(400, `Format error in JSON body: Invalid json path: '${key}'`);
	if (
		typeof key === 'string' &&
		match === undefined &&
		range === undefined &&
		rest.values_count === undefined
	) {
		throw new Refusal(422, 'Validation error in JSON body: At least one field condition must be specified');
	}
	if (typeof key !== 'string') return matches(row, condition);
	if (match !== undefined) return meetsMatch(row.payload, key, asObject(match));
	if (range !== undefined) return meetsRange(flat(valuesAt(row.payload, key)), asObject(range));
	if (rest.values_count !== undefined) {
		return valuesAt(row.payload, key).some((value) =>
			inRange(value === null ? 0 : Array.isArray(value) ? value.length : 1, asObject(rest.values_count)),
		);
	}
	throw new Error(`the stand-in does not know the condition ${JSON.stringify(condition)}`);
}

function meetsNested(row: Row, { key, filter }: JsonObject): boolean {
	const elements = flat(valuesAt(row.payload, textOf(key).replace(/\[\]$/, '')));
	return elements.some(
		(payload) => isObject(payload) && matches({ ...row, id: 'no id in here', payload }, filter),
	);
}

function meetsMatch(payload: JsonObject, key: string, match: JsonObject): boolean {
	const values = flat(valuesAt(payload, key));
	const same = (value: Json, wanted: Json): boolean => value === wanted;
	if (match.value !== undefined) return values.some((value) => same(value, match.value ?? null));
	if (match.any !== undefined)
		return values.some((value) => asList(match.any).some((wanted) => same(value, wanted)));
	if (match.except !== undefined) {
		return values.some(
			(value) =>
				value !== null &&
				(typeof value === 'string' || typeof value === 'number') &&
				!asList(match.except).some((wanted) => same(value, wanted)),
		);
	}
	const { text, phrase } = match;
	const part = text ?? phrase;
	if (typeof part === 'string')
		return values.some((value) => typeof value === 'string' && value.includes(part));
	throw new Error(`the stand-in does not know the match ${JSON.stringify(match)}`);
}

function meetsRange(values: readonly Json[], range: JsonObject): boolean {
	return values.some((value) => typeof value === 'number' && inRange(value, range));
}

function inRange(value: number, { gt, gte, lt, lte }: JsonObject): boolean {
	return (
		(typeof gt !== 'number' || value > gt) &&
		(typeof gte !== 'number' || value >= gte) &&
		(typeof lt !== 'number' || value < lt) &&
		(typeof lte !== 'number' || value <= lte)
	);
}

/** Values at a path like `a.b`, `a[].b`, `a[0].b` or `"a.b"`; an absent one is none. */
function valuesAt(payload: Json, path: string): Json[] {
	const step = /^(?:"([^"]*)"|([A-Za-z0-9_-]+))((?:\[\d*\])*)(?:\.(.*))?$/s.exec(path);
	if (!step || !isObject(payload)) return [];
	const name = step[1] ?? step[2] ?? '';
	if (!(name in payload)) return [];
	let found: Json[] = [payload[name] ?? null];
	for (const [, index] of (step[3] ?? '').matchAll(/\[(\d*)\]/g)) {
		found = found.flatMap((value) =>
			Array.isArray(value) ? (index === '' ? value : (value[Number(index)] ?? [])) : [],
		);
	}
	const rest = step[4];
	return rest === undefined ? found : found.flatMap((value) => valuesAt(value, rest));
}

function flat(values: readonly Json[]): Json[] {
	return values.flatMap((value) => (Array.isArray(value) ? value : [value]));
}
