import { asNumber, asString } from '../../support';
import type { Database, Row, SqlValue } from '../../support/database';
import { throwIfCancelled } from '../errors';
import type { MovedRecords } from '../types';
import { SCAN_ROWS } from './rows';
import type { Dialect, StoreSql } from './sql';

/** A store seen from inside. */
export interface Tables {
	readonly database: Database;
	readonly sql: StoreSql;
	readonly dialect: Dialect;
}

/**
 * Moves the rows of one store into another, page by page: a page is written and read back there before it is deleted here, so that a
 * run that is killed loses nothing, and the next one goes on. What is there under the same id with another content stays here.
 */
export async function moveRows(from: Tables, to: Tables, signal?: AbortSignal): Promise<MovedRecords> {
	const records = await moveTable(from, to, 'records', from.sql.storedRecords, signal);
	const feedback = await moveTable(from, to, 'feedback', from.sql.storedFeedback, signal);
	return { records: records.moved, feedback: feedback.moved, kept: records.kept + feedback.kept };
}

async function moveTable(
	from: Tables,
	to: Tables,
	table: 'records' | 'feedback',
	page: string,
	signal: AbortSignal | undefined,
): Promise<{ readonly moved: number; readonly kept: number }> {
	let after = 0;
	let moved = 0;
	let kept = 0;
	for (;;) {
		throwIfCancelled(signal);
		const rows = await from.database.read(page, [after, SCAN_ROWS]);
		const last = asNumber(rows.at(-1)?.seq);
		if (last === undefined) return { moved, kept };
		after = last;
		const into = to.sql[table];
		const values = rows.map((row) => into.columns.map((column) => valueOf(row, column)));
		await to.database.write(to.dialect.insert(into, values));
		const arrived = await arrivedOf(to, table, rows);
		await from.database.write([{ sql: from.sql.forget[table], values: [JSON.stringify(arrived)] }]);
		moved += arrived.length;
		kept += rows.length - arrived.length;
	}
}

/** The ids of the rows that are there with the same content. */
async function arrivedOf(
	to: Tables,
	table: 'records' | 'feedback',
	rows: readonly Row[],
): Promise<readonly string[]> {
	const ids = rows.map((row) => asString(row.id) ?? '');
	const there = await to.database.read(to.sql.bodies[table], [JSON.stringify(ids)]);
	const bodies = new Map(there.map((row) => [row.id, row.body]));
	return rows.flatMap((row) => (bodies.get(row.id) === row.body ? (asString(row.id) ?? []) : []));
}

const valueOf = (row: Row, column: string): SqlValue => asString(row[column]) ?? null;
