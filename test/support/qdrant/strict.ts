import { asList, asObject, isObject, Refusal, type Json, type JsonObject, textOf } from './values';

/** What strict mode refuses, in the words of the real server (recordings 21). */
export function checkStrict(
	mode: Json | undefined,
	indexes: ReadonlyMap<string, Json>,
	operation: string,
	fields: JsonObject,
): void {
	if (!isObject(mode) || mode.enabled !== true) return;
	const atMost = (limit: Json | undefined, value: Json | undefined, what: string): void => {
		if (typeof limit !== 'number' || typeof value !== 'number' || value <= limit) return;
		refuse(
			`Limit exceeded ${value} > ${limit} for "${what}". Help: Reduce the "${what}" parameter to or below ${limit}.`,
		);
	};
	const searches = asList(fields.searches);
	if (searches.length > 0) {
		atMost(mode.search_max_batchsize, searches.length, 'search batch size');
		for (const search of searches) checkStrict(mode, indexes, operation, asObject(search));
	}
	const params = asObject(fields.params);
	const isWrite = operation.startsWith('PUT') || operation === 'POST points/delete';
	if (operation === 'PUT points')
		atMost(mode.upsert_max_batchsize, asList(fields.points).length, 'upsert limit');
	if (searches.length === 0 && ['POST points/query', 'POST points/scroll', 'POST facet'].includes(operation))
		atMost(mode.max_query_limit, fields.limit ?? 10, 'limit');
	atMost(mode.search_max_hnsw_ef, params.hnsw_ef, 'hnsw_ef');
	atMost(mode.search_max_oversampling, asObject(params.quantization).oversampling, 'oversampling');
	if (mode.search_allow_exact === false && (params.exact === true || fields.exact === true))
		refuse('Exact search disabled!. Help: Set exact=false.');
	if (!isObject(fields.filter)) return;
	const conditions = conditionsOf(fields.filter);
	const most = mode.filter_max_conditions;
	if (typeof most === 'number' && conditions.length > most)
		refuse(
			`Filter condition limit reached (${conditions.length} > ${most}). Help: Reduce the amount of conditions of your filter.`,
		);
	const unindexed = isWrite ? mode.unindexed_filtering_update : mode.unindexed_filtering_retrieve;
	for (const { key, condition } of conditions) {
		const any = asList(asObject(condition.match).any).length;
		if (typeof mode.condition_max_size === 'number' && any > mode.condition_max_size)
			refuse(
				`Condition size limit reached (${any} > ${mode.condition_max_size}). Help: Reduce the size of your condition.`,
			);
		if (unindexed !== false || key === undefined || indexes.has(key)) continue;
		const types = condition.range ? 'integer, float' : typesOf(condition);
		refuse(
			`Index required but not found for "${key}" of one of the following types: [${types}]. Help: Create an index for this key or use a different filter.`,
		);
	}
}

function typesOf(condition: JsonObject): string {
	const { value, any } = asObject(condition.match);
	const [first = value] = asList(any);
	return typeof first === 'number' ? 'integer' : 'keyword';
}

interface Found {
	readonly key?: string;
	readonly condition: JsonObject;
}

function conditionsOf(filter: JsonObject, prefix = ''): Found[] {
	return ['must', 'should', 'must_not'].flatMap((clause) =>
		[filter[clause] ?? []].flat().flatMap((each): Found[] => {
			const condition = asObject(each);
			const { nested, key } = condition;
			if (isObject(nested)) return conditionsOf(asObject(nested.filter), `${prefix}${textOf(nested.key)}[].`);
			if ('must' in condition || 'should' in condition || 'must_not' in condition)
				return conditionsOf(condition, prefix);
			return [{ condition, ...(typeof key === 'string' && { key: prefix + key }) }];
		}),
	);
}

function refuse(words: string): never {
	throw new Refusal(400, `Bad request: ${words}`);
}
