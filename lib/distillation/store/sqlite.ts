import { asNumber, asString, parseJson } from '../../support';
import { DatabaseError, openDatabase, type Database, type Row } from '../../support/database';
import { DistillationError, throwIfCancelled } from '../errors';
import type { AppendReport, ExchangeRecord, Feedback, RecordStore, ScanFilter } from '../types';
import { SCAN_ROWS, feedbackRow, filterValues, readRow, recordRow } from './rows';

const SCHEMA = [
	`CREATE TABLE IF NOT EXISTS records (
		seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created TEXT NOT NULL,
		workflow TEXT, model TEXT, body TEXT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS feedback (
		seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, body TEXT NOT NULL)`,
	'CREATE INDEX IF NOT EXISTS feedback_record ON feedback (record)',
];
const INSERT_RECORD = `INSERT INTO records (id, created, workflow, model, body) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (id) DO NOTHING RETURNING 1`;
const INSERT_FEEDBACK = `INSERT INTO feedback (id, record, body) VALUES ($1, $2, $3)
	ON CONFLICT (id) DO NOTHING RETURNING 1`;
/** `feedback`: JSON list of the feedback bodies. */
const SELECT = `SELECT r.seq, r.body,
	(SELECT json_group_array(f.body ORDER BY f.seq) FROM feedback f WHERE f.record = r.id) AS feedback FROM records r`;
const SCAN = `${SELECT} WHERE r.seq > $5 AND r.seq <= $6 AND ($1 IS NULL OR r.created >= $1)
	AND ($2 IS NULL OR r.created < $2) AND ($3 IS NULL OR r.workflow = $3) AND ($4 IS NULL OR r.model = $4)
	ORDER BY r.seq LIMIT $7`;
const COUNT = 'SELECT (SELECT count(*) FROM records) AS records, (SELECT count(*) FROM feedback) AS feedback';

/** A store in one SQLite file, written by any number of processes of one machine. */
export class SqliteRecordStore implements RecordStore {
	private constructor(private readonly database: Database) {}

	/** Opens or creates the file and its folder. Errors: `unavailable` (Node without node:sqlite), `folder`, `store`. */
	static async open(file: string): Promise<SqliteRecordStore> {
		return new SqliteRecordStore(await translated(openDatabase({ backend: 'sqlite', file }, SCHEMA)));
	}

	async append(records: readonly ExchangeRecord[]): Promise<AppendReport> {
		return await this.#insert(INSERT_RECORD, records.map(recordRow));
	}

	async addFeedback(feedback: readonly Feedback[]): Promise<AppendReport> {
		return await this.#insert(INSERT_FEEDBACK, feedback.map(feedbackRow));
	}

	async #insert(sql: string, rows: ReadonlyArray<readonly (string | null)[]>): Promise<AppendReport> {
		const results = await translated(this.database.write(rows.map((values) => ({ sql, values }))));
		const written = results.filter(({ length }) => length > 0).length;
		return { written, unchanged: rows.length - written };
	}

	async get(id: string): Promise<ExchangeRecord | undefined> {
		const [row] = await translated(this.database.read(`${SELECT} WHERE r.id = $1`, [id]));
		return row && toRecord(row);
	}

	async *scan(
		filter?: ScanFilter,
		call: { readonly signal?: AbortSignal } = {},
	): AsyncGenerator<ExchangeRecord> {
		const values = filterValues(filter);
		const [newest] = await translated(this.database.read('SELECT max(seq) AS last FROM records'));
		const upTo = asNumber(newest?.last) ?? 0;
		let after = 0;
		while (after < upTo) {
			throwIfCancelled(call.signal);
			const rows = await translated(this.database.read(SCAN, [...values, after, upTo, SCAN_ROWS]));
			if (rows.length === 0) return;
			for (const row of rows) {
				after = asNumber(row.seq) ?? upTo;
				yield toRecord(row);
			}
		}
	}

	async count(): Promise<{ readonly records: number; readonly feedback: number }> {
		const [counts] = await translated(this.database.read(COUNT));
		return { records: asNumber(counts?.records) ?? 0, feedback: asNumber(counts?.feedback) ?? 0 };
	}

	async close(): Promise<void> {
		await translated(this.database.close());
	}
}

function toRecord(row: Row): ExchangeRecord {
	const list = parseJson(asString(row.feedback) ?? '[]');
	return readRow(
		asString(row.body) ?? '',
		Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : [],
	);
}

/** The database's errors are this module's, of the same kinds. */
async function translated<T>(work: Promise<T>): Promise<T> {
	return await work.catch((thrown: unknown) => {
		if (thrown instanceof DatabaseError)
			throw new DistillationError(thrown.kind, thrown.message, { cause: thrown });
		throw thrown;
	});
}
