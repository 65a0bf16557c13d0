// Runs in a worker thread: node:sqlite is synchronous, and a commit waits for the disk and for other processes' locks.
// Imports nothing of the room, so that it loads as it is (in tests as TypeScript with its types stripped).
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export type SqliteRequest = { readonly call: number } & (
	| { readonly op: 'append' | 'feedback'; readonly rows: ReadonlyArray<readonly (string | null)[]> }
	| { readonly op: 'get'; readonly id: string }
	| {
			readonly op: 'scan';
			readonly after: number;
			readonly upTo: number;
			readonly limit: number;
			readonly filter: readonly (string | null)[];
	  }
	| { readonly op: 'last' | 'count' | 'close' }
);

export interface StoredRow {
	readonly seq: number;
	readonly body: string;
	/** JSON list of the feedback bodies, as SQLite aggregates them; null when there is none. */
	readonly feedback: string | null;
}

export type SqliteReply = { readonly call: number } & (
	| { readonly error: string }
	| { readonly result: unknown }
);

const FEEDBACK = `(SELECT json_group_array(f.body ORDER BY f.seq) FROM feedback f WHERE f.record = r.id)`;

/** How long a write waits for other processes. A commit takes milliseconds; half a minute means one of them hangs. */
const BUSY_MS = 30_000;

function open(file: string): DatabaseSync {
	const database = new DatabaseSync(file, { timeout: BUSY_MS });
	// WAL: readers never wait for writers. FULL: a commit is on the disk when it returns, not only in the kernel.
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
	database.exec(`
		CREATE TABLE IF NOT EXISTS records (
			seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created TEXT NOT NULL,
			workflow TEXT, model TEXT, body TEXT NOT NULL);
		CREATE TABLE IF NOT EXISTS feedback (
			seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL, body TEXT NOT NULL);
		CREATE INDEX IF NOT EXISTS feedback_record ON feedback (record);`);
	return database;
}

const port = parentPort;
if (port === null) throw new Error('sqliteWorker runs as a worker thread only');

const database = open(String(workerData));
const statements = new Map<string, StatementSync>();

function statement(sql: string): StatementSync {
	const known = statements.get(sql);
	if (known !== undefined) return known;
	const prepared = database.prepare(sql);
	statements.set(sql, prepared);
	return prepared;
}

const INSERTS = {
	append:
		'INSERT INTO records (id, created, workflow, model, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
	feedback: 'INSERT INTO feedback (id, record, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
};

function read(request: SqliteRequest): unknown {
	switch (request.op) {
		case 'get':
			return statement(`SELECT r.seq, r.body, ${FEEDBACK} AS feedback FROM records r WHERE r.id = ?`).get(
				request.id,
			);
		case 'scan': {
			const [since, until, workflow, model] = request.filter;
			const values: SQLInputValue[] = [since ?? null, until ?? null, workflow ?? null, model ?? null];
			return statement(
				`SELECT r.seq, r.body, ${FEEDBACK} AS feedback FROM records r
				WHERE r.seq > ?5 AND r.seq <= ?6 AND (?1 IS NULL OR r.created >= ?1) AND (?2 IS NULL OR r.created < ?2)
				AND (?3 IS NULL OR r.workflow = ?3) AND (?4 IS NULL OR r.model = ?4) ORDER BY r.seq LIMIT ?7`,
			).all(...values, request.after, request.upTo, request.limit);
		}
		case 'last':
			return statement('SELECT coalesce(max(seq), 0) AS last FROM records').get();
		case 'count':
			return statement(
				'SELECT (SELECT count(*) FROM records) AS records, (SELECT count(*) FROM feedback) AS feedback',
			).get();
		default:
			return undefined;
	}
}

type Write = SqliteRequest & { readonly op: 'append' | 'feedback' };
let writes: Write[] = [];

function reply(message: SqliteReply): void {
	port?.postMessage(message);
}

function messageOf(thrown: unknown): string {
	return thrown instanceof Error ? thrown.message : String(thrown);
}

/** All writes that arrived meanwhile share one transaction, and so one wait for the disk (group commit). */
function flush(): void {
	const batch = writes;
	writes = [];
	if (batch.length === 0) return;
	try {
		database.exec('BEGIN IMMEDIATE');
		const done = batch.map((write) => {
			let written = 0;
			for (const row of write.rows) written += Number(statement(INSERTS[write.op]).run(...row).changes);
			return written;
		});
		database.exec('COMMIT');
		batch.forEach((write, position) => reply({ call: write.call, result: done[position] }));
	} catch (thrown) {
		if (database.isTransaction) database.exec('ROLLBACK');
		for (const write of batch) reply({ call: write.call, error: messageOf(thrown) });
	}
}

port.on('message', (request: SqliteRequest) => {
	if (request.op === 'append' || request.op === 'feedback') {
		if (writes.length === 0) setImmediate(flush);
		writes.push(request);
		return;
	}
	try {
		if (request.op === 'close') {
			flush();
			database.close();
		}
		reply({ call: request.call, result: request.op === 'close' ? null : (read(request) ?? null) });
		if (request.op === 'close') port.close();
	} catch (thrown) {
		reply({ call: request.call, error: messageOf(thrown) });
	}
});
