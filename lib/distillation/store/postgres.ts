import type { Pool, PoolConfig } from 'pg';
import { asNumber, compact, messageOf } from '../../support';
import { DistillationError, throwIfCancelled } from '../errors';
import type { AppendReport, ExchangeRecord, Feedback, RecordStore, ScanFilter } from '../types';
import { SCAN_ROWS, feedbackRow, filterValues, readRow, recordRow } from './rows';

export interface PostgresAddress {
	readonly connectionString?: string;
	readonly host?: string;
	readonly port?: number;
	readonly database?: string;
	readonly user?: string;
	readonly password?: string;
	/** true, or TLS options (`{ rejectUnauthorized: false }` for a self-signed certificate). */
	readonly ssl?: boolean | { readonly rejectUnauthorized?: boolean; readonly ca?: string };
	/** Tables are `<prefix>_records` and `<prefix>_feedback`. Default `local_engine`. */
	readonly tablePrefix?: string;
	/** Connections at once. Default 4. */
	readonly maxConnections?: number;
}

/** A store for workers on several machines. `pg` is loaded when the first one is opened. */
export class PostgresRecordStore implements RecordStore {
	readonly #records: string;
	readonly #feedback: string;

	private constructor(
		readonly pool: Pool,
		prefix: string,
		private readonly secret: string | undefined,
	) {
		this.#records = `"${prefix}_records"`;
		this.#feedback = `"${prefix}_feedback"`;
	}

	/** Connects and makes the tables where they are missing. Errors: `invalidOptions`, `store`. */
	static async open(address: PostgresAddress): Promise<PostgresRecordStore> {
		const { tablePrefix = 'local_engine', maxConnections = 4 } = address;
		// A table name cannot be a parameter of a query, so only plain names get into one.
		if (!/^[a-z_][a-z0-9_]{0,39}$/.test(tablePrefix)) {
			throw new DistillationError(
				'invalidOptions',
				`The table prefix "${tablePrefix}" may hold lower-case letters, digits and _ only (at most 40, no digit first).`,
			);
		}
		const { Pool } = await import('pg');
		const { connectionString, host, port, database, user, password, ssl } = address;
		const config: PoolConfig = {
			...compact({ connectionString, host, port, database, user, password, ssl }),
			max: maxConnections,
			connectionTimeoutMillis: 10_000,
		};
		const store = new PostgresRecordStore(new Pool(config), tablePrefix, address.password);
		// An idle connection that breaks is replaced by the pool; without a listener it would end the process.
		store.pool.on('error', () => undefined);
		try {
			await store.#createTables();
		} catch (thrown) {
			await store.pool.end();
			throw thrown;
		}
		return store;
	}

	async #createTables(): Promise<void> {
		await this.#guard(async () => {
			const client = await this.pool.connect();
			try {
				await client.query('BEGIN');
				// Two processes that create the same table at once collide in the catalogue; one waits for the other instead.
				await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [this.#records]);
				// The body is text, not jsonb: jsonb cannot hold \u0000 and changes the order of keys.
				await client.query(`CREATE TABLE IF NOT EXISTS ${this.#records} (
					seq bigserial PRIMARY KEY, id text NOT NULL UNIQUE, created text NOT NULL,
					workflow text, model text, body text NOT NULL)`);
				await client.query(`CREATE TABLE IF NOT EXISTS ${this.#feedback} (
					seq bigserial PRIMARY KEY, id text NOT NULL UNIQUE, record text NOT NULL, body text NOT NULL)`);
				await client.query(
					`CREATE INDEX IF NOT EXISTS ${this.#feedback.replace(/"$/, '_record"')} ON ${this.#feedback} (record)`,
				);
				await client.query('COMMIT');
			} catch (thrown) {
				await client.query('ROLLBACK');
				throw thrown;
			} finally {
				client.release();
			}
		});
	}

	async append(records: readonly ExchangeRecord[]): Promise<AppendReport> {
		const rows = records.map(recordRow);
		return this.#write(
			`INSERT INTO ${this.#records} (id, created, workflow, model, body)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT (id) DO NOTHING`,
			rows.length,
			[0, 1, 2, 3, 4].map((column) => rows.map((row) => row[column])),
		);
	}

	async addFeedback(feedback: readonly Feedback[]): Promise<AppendReport> {
		const rows = feedback.map(feedbackRow);
		return this.#write(
			`INSERT INTO ${this.#feedback} (id, record, body)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT (id) DO NOTHING`,
			rows.length,
			[0, 1, 2].map((column) => rows.map((row) => row[column])),
		);
	}

	async #write(sql: string, count: number, columns: unknown[]): Promise<AppendReport> {
		if (count === 0) return { written: 0, unchanged: 0 };
		const result = await this.#guard(() => this.pool.query(sql, columns));
		const written = result.rowCount ?? 0;
		return { written, unchanged: count - written };
	}

	#select(where: string): string {
		return `SELECT r.seq, r.body, (SELECT array_agg(f.body ORDER BY f.seq) FROM ${this.#feedback} f WHERE f.record = r.id)
			AS feedback FROM ${this.#records} r WHERE ${where}`;
	}

	async get(id: string): Promise<ExchangeRecord | undefined> {
		const { rows } = await this.#guard(() => this.pool.query<StoredRow>(this.#select('r.id = $1'), [id]));
		const row = rows[0];
		return row === undefined ? undefined : readRow(row.body, row.feedback ?? []);
	}

	async *scan(
		filter?: ScanFilter,
		call: { readonly signal?: AbortSignal } = {},
	): AsyncGenerator<ExchangeRecord> {
		const values = filterValues(filter);
		const newest = await this.#guard(() =>
			this.pool.query<{ last: string }>(`SELECT coalesce(max(seq), 0) AS last FROM ${this.#records}`),
		);
		const upTo = newest.rows[0]?.last ?? '0';
		const sql = `${this
			.#select(`r.seq > $5 AND r.seq <= $6 AND ($1::text IS NULL OR r.created >= $1) AND ($2::text IS NULL
			OR r.created < $2) AND ($3::text IS NULL OR r.workflow = $3) AND ($4::text IS NULL OR r.model = $4)`)} ORDER BY r.seq LIMIT $7`;
		for (let after = '0'; ; ) {
			throwIfCancelled(call.signal);
			const from = after;
			const { rows } = await this.#guard(() =>
				this.pool.query<StoredRow>(sql, [...values, from, upTo, SCAN_ROWS]),
			);
			if (rows.length === 0) return;
			for (const row of rows) {
				after = row.seq;
				yield readRow(row.body, row.feedback ?? []);
			}
		}
	}

	async count(): Promise<{ readonly records: number; readonly feedback: number }> {
		const { rows } = await this.#guard(() =>
			this.pool.query<{ records: string; feedback: string }>(
				`SELECT (SELECT count(*) FROM ${this.#records}) AS records, (SELECT count(*) FROM ${this.#feedback}) AS feedback`,
			),
		);
		return {
			records: asNumber(Number(rows[0]?.records)) ?? 0,
			feedback: asNumber(Number(rows[0]?.feedback)) ?? 0,
		};
	}

	async close(): Promise<void> {
		if (!this.pool.ended) await this.pool.end();
	}

	async #guard<T>(work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (thrown) {
			const words =
				this.secret === undefined || this.secret === ''
					? messageOf(thrown)
					: messageOf(thrown).replaceAll(this.secret, '***');
			throw new DistillationError('store', `Postgres refused: ${words}`);
		}
	}
}

/** bigint columns arrive as text. */
interface StoredRow {
	readonly seq: string;
	readonly body: string;
	readonly feedback: string[] | null;
}
