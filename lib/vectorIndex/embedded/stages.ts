import type { VectorQuery } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import type { FilterNode } from '../filter/parse';
import { and, isEverything } from '../filter/parse';
import {
	MAX_WINDOW_ROWS,
	rowsWithin,
	type Candidate,
	type SearchBackend,
	type StageOptions,
} from '../backend';
import type { SearchSettings, StoredPoint } from '../types';
import { matching } from './keyword';
import type { Table } from './lance';
import { fromArrow, numberAt } from './rows';
import { POINT_COLUMNS } from './schema';
import { toSql } from './sql';

/** The stages of a search over one table. */
export function stagesOf(rows: Table, settings: SearchSettings): SearchBackend {
	const stages: Omit<SearchBackend, 'both'> = {
		async nearest(vector, { exact, ...options }) {
			const query = nearestQuery(rows, vector, options.limit, exact ? EXACT : settings).select([
				...columns(options),
				'_distance',
			]);
			addFilter(query, options.filter);
			return await collect(query, (batch, row) => {
				const distance = numberAt(batch, '_distance', row);
				return distance === undefined ? undefined : 1 - distance;
			});
		},
		matching: (terms, options) => matching(rows, terms, columns(options), options),
		async within(window) {
			const found: StoredPoint[] = [];
			const query = rows
				.query()
				.select([...POINT_COLUMNS])
				.where(toSql(and(rowsWithin(window))))
				.limit(MAX_WINDOW_ROWS);
			for await (const batch of query) found.push(...fromArrow(batch));
			return found;
		},
	};
	return {
		...stages,
		async both(vector, terms, options) {
			const [byVector, byWords] = await Promise.all([
				stages.nearest(vector, options),
				stages.matching(terms, options),
			]);
			return { nearest: byVector, matching: byWords };
		},
	};
}

const EXACT: SearchSettings = { exact: true };

/** Ids of the nearest rows, and nothing else, for measuring. */
export async function nearestIds(
	rows: Table,
	vector: Float32Array,
	limit: number,
	settings: SearchSettings,
): Promise<string[]> {
	const found: string[] = [];
	for await (const batch of nearestQuery(rows, vector, limit, settings).select(['id', '_distance'])) {
		const ids = batch.getChild('id');
		for (let row = 0; row < batch.numRows; row++) found.push(String(ids?.get(row)));
	}
	return found;
}

function nearestQuery(
	rows: Table,
	vector: Float32Array,
	limit: number,
	settings: SearchSettings,
): VectorQuery {
	const { exact, ef, nprobes, refine } = settings;
	const query = rows.query().nearestTo(vector).distanceType('cosine').limit(limit);
	if (exact) return query.bypassVectorIndex();
	if (nprobes !== undefined) query.nprobes(nprobes);
	// A graph search must keep at least as many candidates as it is to hand on.
	if (ef !== undefined) query.ef(Math.max(ef, limit * (refine ?? 1)));
	if (refine !== undefined) query.refineFactor(refine);
	return query;
}

function columns({ withVectors }: StageOptions): string[] {
	return withVectors ? [...POINT_COLUMNS, 'vector'] : [...POINT_COLUMNS];
}

function addFilter(query: { where(predicate: string): unknown }, filter: FilterNode): void {
	if (!isEverything(filter)) query.where(toSql(filter));
}

type Batches = ReturnType<Table['query']> | ReturnType<ReturnType<Table['query']>['nearestTo']>;

async function collect(
	query: Batches,
	scoreAt: (batch: RecordBatch, row: number) => number | undefined,
): Promise<Candidate[]> {
	const found: Candidate[] = [];
	for await (const batch of query) {
		let row = 0;
		for (const point of fromArrow(batch)) {
			const score = scoreAt(batch, row);
			if (score !== undefined) found.push({ id: point.id, score, point });
			row += 1;
		}
	}
	return found;
}
