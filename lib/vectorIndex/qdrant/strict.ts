import type { Schemas } from '@qdrant/js-client-rest';
import { asNumber, isObject } from '../../support';
import { IndexError } from '../errors';
import { type QdrantClient, RefusedError } from './rest';

/*
 * Qdrant's strict mode (on by default in Qdrant Cloud) refuses what asks for much: long pages, exact counts, filters on fields
 * without an index. A collection's configuration tells its limits; requests are kept within them here, in one place.
 */

export interface Limits {
	/** Rows of one answer. */
	readonly rows: number;
	/** Searches of one request. */
	readonly searches: number;
	/** Points of one write. */
	readonly writes: number;
	/** Values of one condition of a filter. */
	readonly values: number;
	readonly ef: number;
	readonly oversampling: number;
	/** Whether every row may be looked at. */
	readonly exact: boolean;
}

const NONE: Limits = {
	...{
		rows: Infinity,
		searches: Infinity,
		writes: Infinity,
		values: Infinity,
		ef: Infinity,
		oversampling: Infinity,
	},
	exact: true,
};
/** A filter names few fields; each that has no index costs one refusal, once. */
const MAX_INDEXES = 32;

/** The limits that a collection's configuration tells. */
export function limitsOf({ config }: Schemas['CollectionInfo']): Limits {
	const mode: unknown = config.strict_mode_config;
	if (!isObject(mode) || mode.enabled !== true) return NONE;
	const limit = (value: unknown): number => asNumber(value) ?? Infinity;
	return {
		rows: limit(mode.max_query_limit),
		searches: limit(mode.search_max_batchsize),
		writes: limit(mode.upsert_max_batchsize),
		values: limit(mode.condition_max_size),
		ef: limit(mode.search_max_hnsw_ef),
		oversampling: limit(mode.search_max_oversampling),
		exact: mode.search_allow_exact !== false,
	};
}

/** A client whose requests about collections with these limits are within them. */
export function keptWithin(client: QdrantClient, limits: Limits): QdrantClient {
	/** Makes the indexes of fields that the server wants before it filters by them, and asks again. */
	async function indexed<T>(collection: string, send: () => Promise<T>): Promise<T> {
		for (let made = 0; ; made++) {
			try {
				return await send();
			} catch (thrown) {
				const field = missingIndex(thrown);
				if (field === undefined || made === MAX_INDEXES) throw thrown;
				await makeIndex(collection, field);
			}
		}
	}
	async function makeIndex(collection: string, field: MissingIndex): Promise<void> {
		try {
			await client.createPayloadIndex(collection, { wait: true, ...field });
		} catch (thrown) {
			if (!(thrown instanceof RefusedError) || (thrown.status !== 401 && thrown.status !== 403)) throw thrown;
			throw new IndexError(
				'unauthorized',
				`The Qdrant server filters only by fields that it has an index of, and the API key may not make the one for "${field.field_name}". Search once with a key that may write, or leave this condition out.`,
			);
		}
	}
	const filtered = <T extends { filter?: Schemas['Filter'] | null }>(body: T): T =>
		body.filter ? { ...body, filter: smaller(body.filter, limits.values) } : body;

	const asked = (body: Schemas['QueryRequest']): Schemas['QueryRequest'] => ({
		...filtered(body),
		...(body.limit && { limit: Math.min(body.limit, limits.rows) }),
		...(body.params && { params: searchParams(body.params, limits) }),
	});

	return {
		...all(client),
		query: (collection, body) => indexed(collection, () => client.query(collection, asked(body))),
		queryBatch: async (collection, { searches }) => {
			if (searches.length <= limits.searches)
				return await indexed(collection, () =>
					client.queryBatch(collection, { searches: searches.map(asked) }),
				);
			return await Promise.all(
				searches.map((search) => indexed(collection, () => client.query(collection, asked(search)))),
			);
		},
		scroll: (collection, body = {}) =>
			indexed(collection, () =>
				client.scroll(collection, {
					...filtered(body),
					...(body.limit && { limit: Math.min(body.limit, limits.rows) }),
				}),
			),
		count: async (collection, body = {}) => {
			if (limits.exact || !body.exact)
				return await indexed(collection, () => client.count(collection, filtered(body)));
			let count = 0;
			const rows = { ...(body.filter && filtered({ filter: body.filter })), with_payload: false };
			for await (const page of pagesOf(limitedScroll, collection, rows)) count += page.length;
			return { count };
		},
		facet: (collection, body) =>
			indexed(collection, () =>
				client.facet(collection, {
					...filtered(body),
					...(!limits.exact && { exact: false }),
					...(body.limit && { limit: Math.min(body.limit, limits.rows) }),
				}),
			),
		delete: (collection, body) =>
			indexed(collection, () =>
				client.delete(collection, 'filter' in body && body.filter ? filtered(body) : body),
			),
		upsert: async (collection, body) => {
			if (!('points' in body) || body.points.length <= limits.writes)
				return await client.upsert(collection, body);
			let written = await client.upsert(collection, { ...body, points: body.points.slice(0, limits.writes) });
			for (let at = limits.writes; at < body.points.length; at += limits.writes)
				written = await client.upsert(collection, {
					...body,
					points: body.points.slice(at, at + limits.writes),
				});
			return written;
		},
	};

	async function limitedScroll(
		collection: string,
		body: Parameters<QdrantClient['scroll']>[1] = {},
	): Promise<Schemas['ScrollResult']> {
		const limit = Math.min(body.limit ?? COUNT_PAGE, limits.rows);
		return await indexed(collection, () => client.scroll(collection, { ...body, limit }));
	}
}

const COUNT_PAGE = 1_000;

type Scroll = (
	collection: string,
	body?: Parameters<QdrantClient['scroll']>[1],
) => Promise<Schemas['ScrollResult']>;

/** Every row that a scroll finds, page by page. */
export async function* pagesOf(
	scroll: Scroll,
	collection: string,
	body: NonNullable<Parameters<QdrantClient['scroll']>[1]>,
): AsyncGenerator<Schemas['Record'][]> {
	let offset: Schemas['ExtendedPointId'] | undefined;
	do {
		const page = await scroll(collection, { ...body, ...(offset !== undefined && { offset }) });
		yield page.points;
		const next = page.next_page_offset;
		offset = typeof next === 'string' || typeof next === 'number' ? next : undefined;
	} while (offset !== undefined);
}

/** The methods of a client, which may be on its class. */
function all(client: QdrantClient): QdrantClient {
	return {
		getCollections: (...parameters) => client.getCollections(...parameters),
		getCollection: (...parameters) => client.getCollection(...parameters),
		createCollection: (...parameters) => client.createCollection(...parameters),
		updateCollection: (...parameters) => client.updateCollection(...parameters),
		deleteCollection: (...parameters) => client.deleteCollection(...parameters),
		createPayloadIndex: (...parameters) => client.createPayloadIndex(...parameters),
		getAliases: (...parameters) => client.getAliases(...parameters),
		updateCollectionAliases: (...parameters) => client.updateCollectionAliases(...parameters),
		upsert: (...parameters) => client.upsert(...parameters),
		delete: (...parameters) => client.delete(...parameters),
		retrieve: (...parameters) => client.retrieve(...parameters),
		scroll: (...parameters) => client.scroll(...parameters),
		count: (...parameters) => client.count(...parameters),
		query: (...parameters) => client.query(...parameters),
		queryBatch: (...parameters) => client.queryBatch(...parameters),
		facet: (...parameters) => client.facet(...parameters),
		clusterStatus: () => client.clusterStatus(),
		collectionClusterInfo: (...parameters) => client.collectionClusterInfo(...parameters),
	};
}

function searchParams(params: Schemas['SearchParams'], limits: Limits): Schemas['SearchParams'] {
	const { exact, hnsw_ef: ef, quantization } = params;
	// Where not every row may be looked at, as many as may be.
	const wanted = exact && !limits.exact ? Math.min(limits.ef, THOROUGH_EF) : ef;
	const oversampling = quantization?.oversampling;
	return {
		...params,
		...(exact && { exact: limits.exact }),
		...(typeof wanted === 'number' && { hnsw_ef: Math.min(wanted, limits.ef) }),
		...(typeof oversampling === 'number' && {
			quantization: { ...quantization, oversampling: Math.min(oversampling, limits.oversampling) },
		}),
	};
}

const THOROUGH_EF = 512;

/** The same filter with no condition of more values than allowed. */
function smaller(filter: Schemas['Filter'], most: number): Schemas['Filter'] {
	if (most === Infinity) return filter;
	const conditions = (value: unknown): Schemas['Condition'][] =>
		(Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map(
			(each: Schemas['Condition']) => split(each, most),
		);
	return {
		...filter,
		...(filter.must && { must: conditions(filter.must) }),
		...(filter.should && { should: conditions(filter.should) }),
		...(filter.must_not && { must_not: conditions(filter.must_not) }),
	};
}

function split(condition: Schemas['Condition'], most: number): Schemas['Condition'] {
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
		should: groups(values, most).map((some): Schemas['Condition'] => ({
			key,
			match: { any: some.map(String) },
		})),
	};
}

function groups<T>(values: readonly T[], size: number): T[][] {
	return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
		values.slice(i * size, (i + 1) * size),
	);
}

interface MissingIndex {
	readonly field_name: string;
	readonly field_schema: 'keyword' | 'integer' | 'float';
}

/** The index that a refused request asks for. */
function missingIndex(thrown: unknown): MissingIndex | undefined {
	const words = thrown instanceof RefusedError || thrown instanceof IndexError ? thrown.message : '';
	const begin = 'Index required but not found for "';
	const at = words.indexOf(begin);
	if (at < 0) return undefined;
	const rest = words.slice(at + begin.length);
	const field = rest.slice(0, rest.indexOf('"'));
	const kind = (['float', 'integer', 'keyword'] as const).find((each) => rest.includes(each));
	return field === '' || kind === undefined ? undefined : { field_name: field, field_schema: kind };
}
