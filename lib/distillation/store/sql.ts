import type { SqlValue, Statement } from '../../support/database';

/** What the two databases say differently. */
export interface Dialect {
	/** Type of a key that counts upwards. */
	readonly serial: string;
	/** All values of an expression as a JSON list, in an order. */
	readonly list: (value: string, order: string) => string;
	/** The texts of a JSON list that is a parameter, as rows of one column. */
	readonly texts: (parameter: string) => string;
	/** Statements that insert rows, where `insert` inserts the values `$1`, `$2`, …; each returns a row for every row that is new. */
	readonly insert: (insert: Insert, rows: ReadonlyArray<readonly SqlValue[]>) => readonly Statement[];
}

export interface Insert {
	readonly table: string;
	readonly columns: readonly string[];
}

/** The statements of a store, for SQLite and Postgres alike. */
export interface StoreSql {
	readonly schema: readonly string[];
	readonly records: Insert;
	readonly feedback: Insert;
	/** `$1`: the id. Rows have `seq`, `id`, `body` and `feedback`, a JSON list of bodies. */
	readonly get: string;
	/** `$1`–`$4`: since, until, workflow and model or null; `$5`, `$6`: behind and up to this `seq`; `$7`: rows at most. */
	readonly scan: string;
	/** The same from the end: `$6` is the first `seq` that is wanted, `$5` the one before the last. */
	readonly scanBack: string;
	/** `$1`: a JSON list of IDs. Deletes the feedback of these records, then the records; the second returns a row for each. */
	readonly delete: readonly [string, string];
	/** Rows as they are stored: `$1`: behind this `seq`; `$2`: rows at most. */
	readonly storedRecords: string;
	/** The same of feedback whose record is not here. */
	readonly storedFeedback: string;
	/** `$1`: a JSON list of ids; rows have `id` and `body`. */
	readonly bodies: Readonly<Record<'records' | 'feedback', string>>;
	/** `$1`: a JSON list of ids; takes the rows away, and nothing that belongs to them. */
	readonly forget: Readonly<Record<'records' | 'feedback', string>>;
	/** The greatest `seq`. */
	readonly last: string;
	readonly count: string;
}

/** @param prefix of the tables' names; put into the statements as it is */
export function storeSql(prefix: string, { serial, list, texts }: Dialect): StoreSql {
	const [records, feedback] = [`${prefix}records`, `${prefix}feedback`];
	const select = `SELECT CAST(r.seq AS double precision) AS seq, r.id, r.body,
		(SELECT ${list('f.body', 'f.seq')} FROM ${feedback} f WHERE f.record = r.id) AS feedback FROM ${records} r`;
	const is = (column: string, sign: string, parameter: string) =>
		`(CAST(${parameter} AS text) IS NULL OR r.${column} ${sign} ${parameter})`;
	const page = `${select} WHERE r.seq > $5 AND r.seq <= $6 AND ${is('created', '>=', '$1')} AND ${is('created', '<', '$2')}
			AND ${is('workflow', '=', '$3')} AND ${is('model', '=', '$4')}`;
	return {
		schema: [
			// The body is text, not jsonb: jsonb cannot hold \u0000 and changes the order of keys.
			`CREATE TABLE IF NOT EXISTS ${records} (seq ${serial}, id text NOT NULL UNIQUE, created text NOT NULL,
				workflow text, model text, body text NOT NULL)`,
			`CREATE TABLE IF NOT EXISTS ${feedback} (seq ${serial}, id text NOT NULL UNIQUE, record text NOT NULL,
				body text NOT NULL)`,
			`CREATE INDEX IF NOT EXISTS ${feedback}_record ON ${feedback} (record)`,
		],
		records: { table: records, columns: ['id', 'created', 'workflow', 'model', 'body'] },
		feedback: { table: feedback, columns: ['id', 'record', 'body'] },
		get: `${select} WHERE r.id = $1`,
		scan: `${page} ORDER BY r.seq LIMIT $7`,
		scanBack: `${page} ORDER BY r.seq DESC LIMIT $7`,
		delete: [
			`DELETE FROM ${feedback} WHERE record IN (${texts('$1')})`,
			`DELETE FROM ${records} WHERE id IN (${texts('$1')}) RETURNING 1`,
		],
		storedRecords: `SELECT CAST(seq AS double precision) AS seq, id, created, workflow, model, body FROM ${records}
			WHERE seq > $1 ORDER BY seq LIMIT $2`,
		storedFeedback: `SELECT CAST(seq AS double precision) AS seq, id, record, body FROM ${feedback}
			WHERE seq > $1 AND record NOT IN (SELECT id FROM ${records}) ORDER BY seq LIMIT $2`,
		bodies: {
			records: `SELECT id, body FROM ${records} WHERE id IN (${texts('$1')})`,
			feedback: `SELECT id, body FROM ${feedback} WHERE id IN (${texts('$1')})`,
		},
		forget: {
			records: `DELETE FROM ${records} WHERE id IN (${texts('$1')})`,
			feedback: `DELETE FROM ${feedback} WHERE id IN (${texts('$1')})`,
		},
		last: `SELECT CAST(coalesce(max(seq), 0) AS double precision) AS last FROM ${records}`,
		count: `SELECT CAST((SELECT count(*) FROM ${records}) AS double precision) AS records,
			CAST((SELECT count(*) FROM ${feedback}) AS double precision) AS feedback`,
	};
}

export const SQLITE: Dialect = {
	serial: 'INTEGER PRIMARY KEY AUTOINCREMENT',
	list: (value, order) => `json_group_array(${value} ORDER BY ${order})`,
	texts: (parameter) => `SELECT value FROM json_each(${parameter})`,
	// The database is in this process: a statement per row costs microseconds.
	insert: ({ table, columns }, rows) => {
		const values = columns.map((_, i) => `$${i + 1}`).join(', ');
		const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values}) ON CONFLICT (id) DO NOTHING RETURNING 1`;
		return rows.map((row) => ({ sql, values: row }));
	},
};

export const POSTGRES: Dialect = {
	serial: 'bigserial PRIMARY KEY',
	list: (value, order) => `CAST(json_agg(${value} ORDER BY ${order}) AS text)`,
	texts: (parameter) => `SELECT json_array_elements_text(CAST(${parameter} AS json))`,
	// One way to the server and back, however many rows.
	insert: ({ table, columns }, rows) => {
		const values = columns.map((_, i) => `entry ->> ${i}`).join(', ');
		const sql = `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values} FROM json_array_elements(CAST($1 AS json)) AS entry
			ON CONFLICT (id) DO NOTHING RETURNING 1`;
		// Postgres has no text for half of a surrogate pair.
		const wellFormed = rows.map((row) =>
			row.map((value) => (typeof value === 'string' ? value.toWellFormed() : value)),
		);
		return [{ sql, values: [JSON.stringify(wellFormed)] }];
	},
};
