import { mkdir } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../support';
import { DistillationError, throwIfCancelled } from '../errors';
import { asNumber, asString, isObject, parseJson } from '../json';
import type { AppendReport, ExchangeRecord, Feedback, RecordStore, ScanFilter } from '../types';
import { SCAN_ROWS, feedbackRow, filterValues, readRow, recordRow } from './rows';
import type { SqliteReply, SqliteRequest } from './sqliteWorker';

type Request = SqliteRequest extends infer R ? (R extends { call: number } ? Omit<R, 'call'> : never) : never;
interface Waiting {
	readonly resolve: (result: unknown) => void;
	readonly reject: (error: DistillationError) => void;
}

/**
 * A store in one SQLite file, written by any number of processes of one machine (not over a network file system: its
 * locks are not to be trusted). The database lives in a worker thread, so the caller's event loop never waits for it.
 */
export class SqliteRecordStore implements RecordStore {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	#calls = 0;
	#ended: DistillationError | undefined;

	private constructor(readonly file: string) {
		// Beside this file under the same ending: .js in the package, .ts where the sources run directly.
		this.#worker = new Worker(join(__dirname, `sqliteWorker${extname(__filename)}`), {
			workerData: file,
			// node:sqlite announces that it is young; a .ts worker announces that its types were stripped.
			execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
		});
		this.#worker.on('message', (reply: SqliteReply) => this.#settle(reply));
		this.#worker.on('error', (error) => this.#fail(`The record store ${file} stopped: ${messageOf(error)}`));
		this.#worker.on('exit', () => this.#fail(`The record store ${file} is closed.`));
		// An open store does not keep the process alive; a call that waits does.
		this.#worker.unref();
	}

	/** Opens or creates the file and its folder. Errors: `unavailable` (Node without node:sqlite), `store`. */
	static async open(file: string): Promise<SqliteRecordStore> {
		try {
			await import('node:sqlite');
		} catch (thrown) {
			throw new DistillationError(
				'unavailable',
				`This Node (${process.version}) has no node:sqlite: use Node 22.13 or later, or a Postgres store.`,
				{ cause: thrown },
			);
		}
		const path = resolve(file);
		try {
			await mkdir(dirname(path), { recursive: true });
		} catch (thrown) {
			throw new DistillationError('folder', `The folder of ${path} cannot be made: ${messageOf(thrown)}`, {
				cause: thrown,
			});
		}
		const store = new SqliteRecordStore(path);
		await store.count();
		return store;
	}

	async append(records: readonly ExchangeRecord[]): Promise<AppendReport> {
		return this.#write('append', records.map(recordRow));
	}

	async addFeedback(feedback: readonly Feedback[]): Promise<AppendReport> {
		return this.#write('feedback', feedback.map(feedbackRow));
	}

	async #write(
		op: 'append' | 'feedback',
		rows: ReadonlyArray<readonly (string | null)[]>,
	): Promise<AppendReport> {
		if (rows.length === 0) return { written: 0, unchanged: 0 };
		const written = asNumber(await this.#ask({ op, rows })) ?? 0;
		return { written, unchanged: rows.length - written };
	}

	async get(id: string): Promise<ExchangeRecord | undefined> {
		const row = await this.#ask({ op: 'get', id });
		return isObject(row) ? this.#read(row) : undefined;
	}

	async *scan(
		filter?: ScanFilter,
		call: { readonly signal?: AbortSignal } = {},
	): AsyncGenerator<ExchangeRecord> {
		const values = filterValues(filter);
		const newest = await this.#ask({ op: 'last' });
		const upTo = isObject(newest) ? (asNumber(newest.last) ?? 0) : 0;
		let after = 0;
		while (after < upTo) {
			throwIfCancelled(call.signal);
			const rows = await this.#ask({ op: 'scan', after, upTo, limit: SCAN_ROWS, filter: values });
			if (!Array.isArray(rows) || rows.length === 0) return;
			for (const row of rows) {
				if (!isObject(row)) continue;
				after = asNumber(row.seq) ?? upTo;
				yield this.#read(row);
			}
		}
	}

	#read(row: { readonly [key: string]: unknown }): ExchangeRecord {
		const list = typeof row.feedback === 'string' ? parseJson(row.feedback) : [];
		return readRow(
			asString(row.body) ?? '',
			Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : [],
		);
	}

	async count(): Promise<{ readonly records: number; readonly feedback: number }> {
		const counts = await this.#ask({ op: 'count' });
		return isObject(counts)
			? { records: asNumber(counts.records) ?? 0, feedback: asNumber(counts.feedback) ?? 0 }
			: { records: 0, feedback: 0 };
	}

	async close(): Promise<void> {
		if (this.#ended !== undefined) return;
		await this.#ask({ op: 'close' });
		await this.#worker.terminate();
	}

	#ask(request: Request): Promise<unknown> {
		if (this.#ended !== undefined) return Promise.reject(this.#ended);
		const call = ++this.#calls;
		return new Promise((resolve, reject) => {
			this.#waiting.set(call, { resolve, reject });
			if (this.#waiting.size === 1) this.#worker.ref();
			this.#worker.postMessage({ call, ...request });
		});
	}

	#settle(reply: SqliteReply): void {
		const waiting = this.#waiting.get(reply.call);
		this.#waiting.delete(reply.call);
		if (this.#waiting.size === 0) this.#worker.unref();
		if ('error' in reply)
			waiting?.reject(
				new DistillationError('store', `The record store ${this.file} refused: ${reply.error}`),
			);
		else waiting?.resolve(reply.result);
	}

	#fail(message: string): void {
		this.#ended ??= new DistillationError('store', message);
		for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
		this.#waiting.clear();
	}
}
