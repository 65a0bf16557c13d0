import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { isEverything, type FilterNode } from '../filter/parse';
import type { Candidate, SearchBackend, StageOptions } from '../backend';
import type { SearchSettings } from '../types';
import { request } from './client';
import { toQdrant } from './filter';
import { DENSE, fromRecord, POINT_FIELDS, SPARSE } from './payload';
import { searchParams } from './presets';
import { queryVector } from './sparse';

/** A parent window is a few chunks wide; more rows than this is no window any more. */
const MAX_WINDOW_ROWS = 1_000;
const SEARCHING = 'Searching the index';

/** The stages of a search over one collection. */
export function stagesOf(
	client: QdrantClient,
	collection: string,
	settings: SearchSettings,
	tenantField?: string,
): SearchBackend {
	async function query(
		body: Schemas['QueryRequest'],
		{ limit, filter, withVectors }: StageOptions,
	): Promise<Candidate[]> {
		const { points } = await request(SEARCHING, () =>
			client.query(collection, {
				...body,
				limit,
				...(!isEverything(filter) && { filter: toQdrant(filter, tenantField) }),
				with_payload: POINT_FIELDS,
				...(withVectors && { with_vector: [DENSE] }),
			}),
		);
		return points.map((record) => {
			const point = fromRecord(record);
			return { id: point.id, score: record.score, point };
		});
	}

	return {
		nearest: (vector, { exact, ...options }) =>
			query(
				{ query: Array.from(vector), using: DENSE, params: searchParams(exact ? { exact: true } : settings) },
				options,
			),
		matching: (terms, options) => query({ query: queryVector(terms), using: SPARSE }, options),
		async within({ source, generation, start, end }) {
			const must: FilterNode[] = [
				{ op: 'in', field: 'source', values: [source] },
				{ op: 'range', field: 'start', bounds: { type: 'number', to: { value: end, inclusive: false } } },
				{ op: 'range', field: 'end', bounds: { type: 'number', from: { value: start, inclusive: false } } },
			];
			if (generation !== undefined) must.push({ op: 'in', field: 'generation', values: [generation] });
			const { points } = await request(SEARCHING, () =>
				client.scroll(collection, {
					limit: MAX_WINDOW_ROWS,
					filter: toQdrant({ op: 'and', nodes: must }),
					with_payload: POINT_FIELDS,
				}),
			);
			return points.map(fromRecord);
		},
	};
}
