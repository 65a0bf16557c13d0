// Runs in a worker thread: node:sqlite is synchronous, and a commit waits for the disk and for other processes' locks.
// Imports nothing of the package, so that it loads as it is (in tests as TypeScript with its types stripped).
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

interface PlainStatement {
	readonly sql: string;
	readonly values: readonly SQLInputValue[];
}
type PlainRow = { readonly [column: string]: unknown };

export interface SqliteRequest {
	readonly call: number;
	readonly op: 'read' | 'write' | 'close';
	readonly statements: readonly PlainStatement[];
}

export type SqliteReply = { readonly call: number } & (
	| { readonly error: string }
	| { readonly rows: ReadonlyArray<readonly PlainRow[]> }
);

/** How long a write waits for other processes. A commit takes milliseconds; half a minute means one of them hangs. */
const BUSY_MS = 30_000;
/** Statements kept prepared; the program has a few dozen. */
const MAX_PREPARED = 200;

/** Format of our tables; a file has it in its header. Counted up with a change that earlier versions of the pack cannot read. */
const FORMAT = 1;

const port = parentPort;
if (port === null) throw new Error('sqliteWorker runs as a worker thread only');

const { file, schema } = workerData as { readonly file: string; readonly schema: readonly string[] };
// SQLite gives its other files the rights of this one.
closeSync(openSync(file, 'a', 0o600));
const database = new DatabaseSync(file, { timeout: BUSY_MS });
// WAL: readers never wait for writers. FULL: a commit is on the disk when it returns, not only in the kernel.
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
if (found > FORMAT)
	throw new Error(
		`a newer version of n8n-nodes-local-engine wrote it (format ${found}, this version knows ${FORMAT}). Nothing was changed. Update the pack, or restore a backup.`,
	);
for (const sql of schema) database.exec(sql);
database.exec(`PRAGMA user_version = ${FORMAT}`);

const prepared = new Map<string, StatementSync>();

function statement(sql: string): StatementSync {
	let known = prepared.get(sql);
	if (known === undefined) {
		if (prepared.size >= MAX_PREPARED) prepared.clear();
		// `$1` would be a named parameter here; `?1` is SQLite's way to say "the first".
		known = database.prepare(sql.replace(/\$(\d+)/g, '?$1'));
		prepared.set(sql, known);
	}
	return known;
}

const run = (statements: readonly PlainStatement[]) =>
	// A row of node:sqlite has no prototype, and n8n's helpers expect plain objects.
	statements.map(({ sql, values }) =>
		statement(sql)
			.all(...values)
			.map((row) => ({ ...row })),
	);

const reply = (message: SqliteReply): void => port.postMessage(message);
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

let writes: SqliteRequest[] = [];

/** All writes that arrived meanwhile share one transaction, and so one wait for the disk; one that fails fails alone. */
function flush(): void {
	const batch = writes;
	writes = [];
	if (batch.length === 0) return;
	try {
		database.exec('BEGIN IMMEDIATE');
		let ended: string | undefined;
		const replies = batch.map(({ call, statements }): SqliteReply => {
			if (ended !== undefined) return { call, error: ended };
			database.exec('SAVEPOINT one');
			try {
				const rows = run(statements);
				database.exec('RELEASE one');
				return { call, rows };
			} catch (thrown) {
				// A full disk ends the whole transaction: then there is nothing to go back to, and nothing of the batch is stored.
				if (database.isTransaction) database.exec('ROLLBACK TO one; RELEASE one');
				else ended ??= messageOf(thrown);
				return { call, error: messageOf(thrown) };
			}
		});
		if (ended !== undefined) throw new Error(ended);
		database.exec('COMMIT');
		replies.forEach(reply);
	} catch (thrown) {
		if (database.isTransaction) database.exec('ROLLBACK');
		for (const { call } of batch) reply({ call, error: messageOf(thrown) });
	}
}

port.on('message', (request: SqliteRequest) => {
	const { call, op, statements } = request;
	if (op === 'write') {
		if (writes.length === 0) setImmediate(flush);
		writes.push(request);
		return;
	}
	try {
		if (op === 'close') {
			flush();
			database.close();
		}
		reply({ call, rows: op === 'close' ? [] : run(statements) });
		if (op === 'close') port.close();
	} catch (thrown) {
		reply({ call, error: messageOf(thrown) });
	}
});
