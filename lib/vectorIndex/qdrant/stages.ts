import type { Schemas } from '@qdrant/js-client-rest';
import { isEverything } from '../filter/parse';
import {
	MAX_WINDOW_ROWS,
	rowsWithin,
	type Candidate,
	type SearchBackend,
	type StageOptions,
} from '../backend';
import type { QueryTerm } from '../terms';
import type { SearchSettings } from '../types';
import { type QdrantClient, request } from './client';
import { toQdrant } from './filter';
import { DENSE, fromRecord, POINT_FIELDS, SPARSE } from './payload';
import { searchParams } from './presets';
import { queryVector } from './sparse';
import { pagesOf } from './pages';

const SEARCHING = 'Searching the index';

/** The stages of a search over one collection. */
export function stagesOf(
	client: QdrantClient,
	collection: string,
	settings: SearchSettings,
	tenantField?: string,
): SearchBackend {
	const asked = (
		body: Schemas['QueryRequest'],
		{ limit, filter, withVectors }: StageOptions,
	): Schemas['QueryRequest'] => ({
		...body,
		limit,
		...(!isEverything(filter) && { filter: toQdrant(filter, tenantField) }),
		with_payload: POINT_FIELDS,
		...(withVectors && { with_vector: [DENSE] }),
	});
	const byVector = (vector: Float32Array, exact: boolean): Schemas['QueryRequest'] => ({
		query: Array.from(vector),
		using: DENSE,
		params: searchParams(exact ? { exact: true } : settings),
	});
	const byWords = (terms: readonly QueryTerm[]): Schemas['QueryRequest'] => ({
		query: queryVector(terms),
		using: SPARSE,
	});

	async function query(body: Schemas['QueryRequest'], options: StageOptions): Promise<Candidate[]> {
		return candidates(await request(SEARCHING, () => client.query(collection, asked(body, options))));
	}

	return {
		nearest: (vector, { exact, ...options }) => query(byVector(vector, exact), options),
		matching: (terms, options) => query(byWords(terms), options),
		async both(vector, terms, { exact, ...options }) {
			const searches = [byVector(vector, exact), byWords(terms)].map((body) => asked(body, options));
			const [nearest, matching] = await request(SEARCHING, () => client.queryBatch(collection, { searches }));
			return { nearest: candidates(nearest), matching: candidates(matching) };
		},
		async within(window) {
			const scroll: QdrantClient['scroll'] = (...parameters) =>
				request(SEARCHING, () => client.scroll(...parameters));
			const found: Schemas['Record'][] = [];
			const body = { limit: MAX_WINDOW_ROWS, with_payload: POINT_FIELDS };
			const filter = toQdrant({ op: 'and', nodes: rowsWithin(window) });
			for await (const rows of pagesOf(scroll, collection, { ...body, filter })) {
				found.push(...rows);
				if (found.length >= MAX_WINDOW_ROWS) break;
			}
			return found.slice(0, MAX_WINDOW_ROWS).map(fromRecord);
		},
	};
}

function candidates(found: Schemas['QueryResponse'] | undefined): Candidate[] {
	return (found?.points ?? []).map((record) => {
		const point = fromRecord(record);
		return { id: point.id, score: record.score, point };
	});
}
