import type { Schemas } from '@qdrant/js-client-rest';
import { createSlicer, mapAll } from '../../support';
import { countConditions, fieldsOf, groups, keysOf, meets, smaller, widened } from './conditions';
import type { Limits } from './limits';
import { pagesOf } from './pages';
import type { QdrantClient } from './rest';

type Filter = Schemas['Filter'];
type Filtered = Pick<QdrantClient, 'query' | 'queryBatch' | 'scroll' | 'count' | 'facet' | 'delete'>;

/** A field that is filtered by has no index, and the server allows no further one. */
export class NoRoomError extends Error {
	constructor(readonly field: string) {
		super(`There is no room for an index of "${field}".`);
	}
}

const PAGE = 1_000;
/** Ids of one request, where the server allows any number. */
const IDS_AT_ONCE = 10_000;
const REQUESTS_AT_ONCE = 4;

/**
 * What a client does with filters of any number of conditions and fields: where one has more than allowed, the rows that meet it are read first,
 * and what was asked is done with their ids. It costs a look at each row that meets the part of the filter that may be sent.
 */
export function withAnyFilter(client: QdrantClient, limits: Limits): Filtered {
	/** Fields that there is no room for an index of. */
	const without = new Set<string>();

	async function despite<T>(send: () => Promise<T>): Promise<T> {
		for (;;) {
			try {
				return await send();
			} catch (thrown) {
				if (!(thrown instanceof NoRoomError) || without.has(thrown.field)) throw thrown;
				without.add(thrown.field);
			}
		}
	}

	/** The filter, if it cannot be sent as it is. */
	function tooWide(body: { filter?: Filter | null | undefined }): Filter | undefined {
		const { filter } = body;
		if (!filter) return undefined;
		const isTooWide = countConditions(smaller(filter, limits.values)) > limits.conditions;
		return isTooWide || keysOf(filter).some((key) => without.has(key)) ? filter : undefined;
	}

	const scroll: QdrantClient['scroll'] = async (collection, body = {}) => {
		const filter = tooWide(body);
		if (!filter) return await client.scroll(collection, body);
		const { with_payload: asked } = body;
		const page = await client.scroll(collection, {
			...body,
			filter: widened(smaller(filter, limits.values), limits.conditions, without),
			with_payload: Array.isArray(asked)
				? [...asked, ...fieldsOf(filter)]
				: asked === false
					? fieldsOf(filter)
					: true,
		});
		return { ...page, points: page.points.filter((row) => meets(row, filter)) };
	};

	async function rowsOf(
		collection: string,
		filter: Filter,
		fields: readonly string[] = [],
	): Promise<Schemas['Record'][]> {
		const turn = createSlicer();
		const rows: Schemas['Record'][] = [];
		const body = { filter, limit: Math.min(PAGE, limits.rows), with_payload: [...fields] };
		const read: QdrantClient['scroll'] = (...parameters) => despite(() => scroll(...parameters));
		for await (const page of pagesOf(read, collection, body)) {
			await turn();
			rows.push(...page);
		}
		return rows;
	}

	const query: QdrantClient['query'] = async (collection, body) => {
		const filter = tooWide(body);
		if (!filter) return await client.query(collection, body);
		const ids = (await rowsOf(collection, filter)).map(({ id }) => id);
		const some = groups(ids, Math.min(IDS_AT_ONCE, limits.values));
		const answers = await mapAll(some, REQUESTS_AT_ONCE, (has_id) =>
			client.query(collection, { ...body, filter: { must: [{ has_id }] } }),
		);
		const points = answers.flatMap((answer) => answer.points).sort((a, b) => b.score - a.score);
		return { points: points.slice(0, body.limit ?? undefined) };
	};

	const filtered: Filtered = {
		scroll,
		query,
		queryBatch: async (collection, { searches }) => {
			if (!searches.some(tooWide)) return await client.queryBatch(collection, { searches });
			return await mapAll(searches, REQUESTS_AT_ONCE, (search) => query(collection, search));
		},
		count: async (collection, body = {}) => {
			const filter = tooWide(body);
			if (!filter) return await client.count(collection, body);
			return { count: (await rowsOf(collection, filter)).length };
		},
		facet: async (collection, body) => {
			const filter = tooWide(body);
			if (!filter) return await client.facet(collection, body);
			const counts = new Map<string, number>();
			for (const { payload } of await rowsOf(collection, filter, [body.key])) {
				const value = payload?.[body.key];
				if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
			}
			const hits = [...counts].map(([value, count]) => ({ value, count }));
			return { hits: hits.slice(0, body.limit ?? undefined) };
		},
		delete: async (collection, body) => {
			const filter = tooWide('filter' in body ? body : {});
			if (!filter) return await client.delete(collection, body);
			const ids = (await rowsOf(collection, filter)).map(({ id }) => id);
			let done: Schemas['UpdateResult'] = { status: 'completed' };
			for (const points of groups(ids, IDS_AT_ONCE)) {
				done = await client.delete(collection, {
					...(body.wait !== undefined && { wait: body.wait }),
					points,
				});
			}
			return done;
		},
	};
	return {
		scroll: (...parameters) => despite(() => filtered.scroll(...parameters)),
		query: (...parameters) => despite(() => filtered.query(...parameters)),
		queryBatch: (...parameters) => despite(() => filtered.queryBatch(...parameters)),
		count: (...parameters) => despite(() => filtered.count(...parameters)),
		facet: (...parameters) => despite(() => filtered.facet(...parameters)),
		delete: (...parameters) => despite(() => filtered.delete(...parameters)),
	};
}
