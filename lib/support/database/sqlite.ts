import { dirname, extname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors';
import { privateFolder } from '../privateFiles';
import { assertPackFiles } from '../packFiles';
import type { SqliteReply, SqliteRequest } from './sqliteWorker';
import { DatabaseError, type Database, type Row, type SqlValue, type Statement } from './types';

type Rows = ReadonlyArray<readonly Row[]>;
interface Waiting {
	readonly resolve: (result: Rows) => void;
	readonly reject: (error: DatabaseError) => void;
}

/**
 * One SQLite file, written by any number of processes of one machine (not over a network file system: its locks are not
 * to be trusted). The database lives in a worker thread, so the caller's event loop never waits for it.
 */
export class SqliteDatabase implements Database {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	#calls = 0;
	#ended: DatabaseError | undefined;

	private constructor(
		private readonly file: string,
		schema: readonly string[],
	) {
		// Beside this file under the same ending: .js in the package, .ts where the sources run directly.
		this.#worker = new Worker(join(__dirname, `sqliteWorker${extname(__filename)}`), {
			workerData: { file, schema },
			// node:sqlite announces that it is young; a .ts worker announces that its types were stripped.
			execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
		});
		this.#worker.on('message', (reply: SqliteReply) => this.#settle(reply));
		this.#worker.on('error', (error) => this.#fail(`The database ${file} stopped: ${messageOf(error)}`));
		this.#worker.on('exit', () => this.#fail(`The database ${file} is closed.`));
		// An open database does not keep the process alive; a call that waits does.
		this.#worker.unref();
	}

	/** Opens or creates the file, its folder and its tables. @throws DatabaseError `unavailable`, `folder`, `store` */
	static async open(file: string, schema: readonly string[]): Promise<SqliteDatabase> {
		try {
			await import('node:sqlite');
		} catch (cause) {
			throw new DatabaseError(
				'unavailable',
				`This Node (${process.version}) has no node:sqlite: use Node 22.13 or later, or Postgres.`,
				{ cause },
			);
		}
		const path = resolve(file);
		try {
			await privateFolder(dirname(path));
		} catch (cause) {
			throw new DatabaseError('folder', `The folder of ${path} cannot be made: ${messageOf(cause)}`, {
				cause,
			});
		}
		assertPackFiles();
		const database = new SqliteDatabase(path, schema);
		await database.read('SELECT 1');
		return database;
	}

	async write(statements: readonly Statement[]): Promise<Rows> {
		if (statements.length === 0) return [];
		return await this.#ask({
			op: 'write',
			statements: statements.map(({ sql, values = [] }) => ({ sql, values })),
		});
	}

	async read(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
		const [rows = []] = await this.#ask({ op: 'read', statements: [{ sql, values }] });
		return rows;
	}

	async close(): Promise<void> {
		if (this.#ended !== undefined) return;
		await this.#ask({ op: 'close', statements: [] });
		await this.#worker.terminate();
	}

	#ask(request: Omit<SqliteRequest, 'call'>): Promise<Rows> {
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
			waiting?.reject(new DatabaseError('store', `The database ${this.file} refused: ${reply.error}`));
		else waiting?.resolve(reply.rows);
	}

	#fail(message: string): void {
		this.#ended ??= new DatabaseError('store', message);
		for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
		this.#waiting.clear();
	}
}
