import type { Schemas } from '@qdrant/js-client-rest';
import { IndexError } from '../errors';
import { smaller } from './conditions';
import { NONE, type Limits } from './limits';
import { pagesOf } from './pages';
import { type QdrantClient, RefusedError } from './rest';
import { NoRoomError, withAnyFilter } from './wideFilters';

/*
 * Qdrant's strict mode (on by default in Qdrant Cloud) refuses what asks for much: long pages, exact counts, filters on fields
 * without an index. A collection's configuration tells its limits; requests are kept within them here, in one place.
 */

/** A filter names few fields; each that has no index costs one refusal, once. */
const MAX_INDEXES = 32;

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
			if (thrown instanceof RefusedError && thrown.message.includes('maximum number of payload ind'))
				throw new NoRoomError(field.field_name);
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

	const limited: QdrantClient = {
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
	return limits === NONE ? limited : { ...limited, ...withAnyFilter(limited, limits) };

	async function limitedScroll(
		collection: string,
		body: Parameters<QdrantClient['scroll']>[1] = {},
	): Promise<Schemas['ScrollResult']> {
		const limit = Math.min(body.limit ?? COUNT_PAGE, limits.rows);
		return await indexed(collection, () => client.scroll(collection, { ...body, limit }));
	}
}

const COUNT_PAGE = 1_000;

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
