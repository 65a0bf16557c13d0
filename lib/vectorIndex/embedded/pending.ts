import type { Schema } from 'apache-arrow';
import { preparePoint } from '../point';
import type { IndexSettings, PendingRow, VectorCoverage } from '../types';
import type { Table } from './lance';
import { fromArrow, release, toArrow } from './rows';
import { POINT_COLUMNS } from './schema';

const coverages = new WeakMap<Table, VectorCoverage & { readonly version: number }>();

/** Rows, and those that wait for a vector; counted once for each version of the table. */
export async function coverageOf(rows: Table): Promise<VectorCoverage> {
	const version = await rows.version();
	const known = coverages.get(rows);
	if (known?.version === version) return { rows: known.rows, pending: known.pending };
	const [all, pending] = await Promise.all([rows.countRows(), rows.countRows('pending IS NOT NULL')]);
	coverages.set(rows, { version, rows: all, pending });
	return { rows: all, pending };
}

/** Rows are read in the order in which they were written. */
export async function oldestPending(rows: Table, limit: number): Promise<PendingRow[]> {
	const found: PendingRow[] = [];
	const query = rows
		.query()
		.select([...POINT_COLUMNS, 'hash'])
		.where('pending IS NOT NULL')
		.limit(limit);
	for await (const batch of query) {
		const hashes = batch.getChild('hash');
		let row = 0;
		for (const point of fromArrow(batch)) found.push({ point, hash: String(hashes?.get(row++)) });
	}
	return found;
}

/**
 * Writes the rows again, with their vectors, where they are still what was read. Whole rows, because LanceDB would write a
 * column anew for all rows of a file: a table of 100,000 would be copied some hundred times.
 */
export async function fillPending(
	rows: Table,
	schema: Schema,
	settings: IndexSettings,
	filled: ReadonlyArray<{ readonly row: PendingRow; readonly vector: Float32Array | null }>,
): Promise<number> {
	const prepared = filled.map(({ row: { point, hash }, vector }) => ({
		...preparePoint({ ...point, pendingSince: undefined, vector: vector ?? undefined }, settings),
		hash,
	}));
	if (prepared.length === 0) return 0;
	const table = toArrow(prepared, schema, settings.dimensions);
	const { numUpdatedRows } = await rows
		.mergeInsert('id')
		.whenMatchedUpdateAll({ where: 'target.pending IS NOT NULL AND target.hash = source.hash' })
		.execute(table);
	release(table);
	return numUpdatedRows;
}
