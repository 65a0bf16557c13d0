import { asNumber, asString } from '../support';
import type { Database, Row, SqlValue } from '../support/database';
import type { ExperimentSql } from './tables';

/** A store seen from inside. */
export interface Tables {
	readonly database: Database;
	readonly sql: ExperimentSql;
}

type Table = ExperimentSql['tables'][number];

/** Rows of a page: each is written there, then deleted here. */
const PAGE = 500;

/**
 * Moves the rows of an experiment into another store, page by page, each first written there and then deleted here: a run that is
 * killed loses nothing, and the next one goes on.
 */
export async function moveExperiment(from: Tables, to: Tables, experiment: string): Promise<void> {
	for (const [at, table] of from.sql.tables.entries()) {
		const target = to.sql.tables[at];
		if (target === undefined) continue;
		// A plan is needed there before its units are; it leaves here last.
		if (at === 0) await insert(to, planTableOf(to), await pageOf(from, planTableOf(from), experiment));
		for (;;) {
			const rows = await pageOf(from, table, experiment);
			if (rows.length === 0) break;
			await insert(to, target, rows);
			await from.database.write(
				rows.map((row) => ({
					sql: `DELETE FROM ${table.table} WHERE ${table.key.map((column, i) => `${column} = $${i + 1}`).join(' AND ')}`,
					values: table.key.map((column) => valueOf(row, column)),
				})),
			);
		}
	}
}

const planTableOf = ({ sql }: Tables): Table => sql.tables[3];

const pageOf = async ({ database }: Tables, { table, columns }: Table, experiment: string) =>
	await database.read(`SELECT ${columns.join(', ')} FROM ${table} WHERE experiment = $1 LIMIT ${PAGE}`, [
		experiment,
	]);

async function insert(
	{ database }: Tables,
	{ table, key, columns }: Table,
	rows: readonly Row[],
): Promise<void> {
	const values = columns.map((_, i) => `$${i + 1}`).join(', ');
	const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values}) ON CONFLICT (${key.join(', ')}) DO NOTHING`;
	await database.write(rows.map((row) => ({ sql, values: columns.map((column) => valueOf(row, column)) })));
}

const valueOf = (row: Row, column: string): SqlValue =>
	asNumber(row[column]) ?? asString(row[column]) ?? null;
