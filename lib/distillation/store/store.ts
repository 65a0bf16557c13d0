import { asNumber, asString, parseJson } from '../../support';
import {
	DatabaseError,
	openDatabase,
	type Database,
	type DatabaseAddress,
	type Row,
} from '../../support/database';
import { DistillationError, throwIfCancelled } from '../errors';
import { moveRows } from './move';
import type {
	AppendReport,
	DeleteChoice,
	ExchangeRecord,
	Feedback,
	MovedRecords,
	RecordStore,
	ScanCall,
	ScanFilter,
} from '../types';
import { SCAN_ROWS, feedbackRow, filterValues, readRow, recordRow } from './rows';
import { storeSql, type Dialect, type Insert, type StoreSql } from './sql';

/** Records and feedback in two tables of a database. */
export class DatabaseRecordStore implements RecordStore {
	private constructor(
		private readonly database: Database,
		private readonly sql: StoreSql,
		private readonly dialect: Dialect,
	) {}

	/** Opens the database and makes the tables where they are missing. Errors: `unavailable` (Node without node:sqlite), `folder`, `store`. */
	static async open(
		address: DatabaseAddress,
		dialect: Dialect,
		prefix: string,
	): Promise<DatabaseRecordStore> {
		const sql = storeSql(prefix, dialect);
		return new DatabaseRecordStore(await translated(openDatabase(address, sql.schema)), sql, dialect);
	}

	async append(records: readonly ExchangeRecord[]): Promise<AppendReport> {
		return await this.#insert(this.sql.records, records.map(recordRow));
	}

	async addFeedback(feedback: readonly Feedback[]): Promise<AppendReport> {
		return await this.#insert(this.sql.feedback, feedback.map(feedbackRow));
	}

	async #insert(into: Insert, rows: ReadonlyArray<readonly (string | null)[]>): Promise<AppendReport> {
		if (rows.length === 0) return { written: 0, unchanged: 0 };
		const results = await translated(this.database.write(this.dialect.insert(into, rows)));
		const written = results.reduce((sum, { length }) => sum + length, 0);
		return { written, unchanged: rows.length - written };
	}

	async get(id: string): Promise<ExchangeRecord | undefined> {
		const [row] = await translated(this.database.read(this.sql.get, [id]));
		return row && toRecord(row);
	}

	async *scan(filter?: ScanFilter, call: ScanCall = {}): AsyncGenerator<ExchangeRecord> {
		for await (const rows of this.#pages(filter, call)) yield* rows.map(toRecord);
	}

	async delete(which: DeleteChoice, call: { readonly signal?: AbortSignal } = {}): Promise<number> {
		if ('ids' in which) return await this.#deleteThese([...new Set(which.ids)], call);
		if (filterValues(which.filter).every((value) => value === null))
			throw new DistillationError(
				'invalidOptions',
				'The filter has no condition, so no record was deleted. Add one.',
			);
		let deleted = 0;
		for await (const rows of this.#pages(which.filter, call)) {
			deleted += await this.#deleteThese(
				rows.map((row) => toRecord(row).id),
				call,
			);
		}
		return deleted;
	}

	async #deleteThese(ids: readonly string[], call: { readonly signal?: AbortSignal }): Promise<number> {
		let deleted = 0;
		for (let from = 0; from < ids.length; from += SCAN_ROWS) {
			throwIfCancelled(call.signal);
			const values = [JSON.stringify(ids.slice(from, from + SCAN_ROWS).map((id) => id.toWellFormed()))];
			const results = await translated(this.database.write(this.sql.delete.map((sql) => ({ sql, values }))));
			deleted += results[1]?.length ?? 0;
		}
		return deleted;
	}

	/** Rows that were there when it began, some at a time. */
	async *#pages(
		filter: ScanFilter | undefined,
		{ signal, newestFirst = false }: ScanCall,
	): AsyncGenerator<readonly Row[]> {
		const values = filterValues(filter);
		const [newest] = await translated(this.database.read(this.sql.last));
		let after = 0;
		let upTo = asNumber(newest?.last) ?? 0;
		const sql = newestFirst ? this.sql.scanBack : this.sql.scan;
		while (after < upTo) {
			throwIfCancelled(signal);
			const rows = await translated(this.database.read(sql, [...values, after, upTo, SCAN_ROWS]));
			const last = asNumber(rows.at(-1)?.seq);
			if (last === undefined) return;
			yield rows;
			if (newestFirst) upTo = last - 1;
			else after = last;
		}
	}

	async moveTo(
		target: DatabaseRecordStore,
		call: { readonly signal?: AbortSignal } = {},
	): Promise<MovedRecords> {
		const tablesOf = ({ database, sql, dialect }: DatabaseRecordStore) => ({ database, sql, dialect });
		return await translated(moveRows(tablesOf(this), tablesOf(target), call.signal));
	}

	async count(): Promise<{ readonly records: number; readonly feedback: number }> {
		const [counts] = await translated(this.database.read(this.sql.count));
		return { records: asNumber(counts?.records) ?? 0, feedback: asNumber(counts?.feedback) ?? 0 };
	}

	async close(): Promise<void> {
		await translated(this.database.close());
	}
}

function toRecord(row: Row): ExchangeRecord {
	const list = parseJson(asString(row.feedback) ?? '[]');
	return readRow(
		asString(row.id) ?? '',
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
