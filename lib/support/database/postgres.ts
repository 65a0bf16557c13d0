import type { Pool, PoolClient } from 'pg';
import { StoppedError, untilStopped } from '../callSignal';
import { messageOf } from '../errors';
import { checkAddress, type Egress, outgoingSocket } from '../outgoing';
import { createSecretRedactor, type SecretRedactor, STARS } from '../secrets';
import { DatabaseError, type Database, type Row, type SqlValue, type Statement } from './types';

export interface PostgresServer {
	readonly host: string;
	readonly port?: number;
	readonly database?: string;
	readonly user?: string;
	readonly password?: string;
	/** true, or TLS options (`{ rejectUnauthorized: false }` for a self-signed certificate). */
	readonly ssl?: boolean | { readonly rejectUnauthorized?: boolean };
	/** Asked before the server is. */
	readonly egress?: Egress;
	/** Connections at once. Default 4. */
	readonly maxConnections?: number;
}

const CONNECT_MS = 5_000;

/** For workers on several machines. `pg` is loaded when the first one is opened. */
export class PostgresDatabase implements Database {
	private constructor(
		private readonly pool: Pool,
		private readonly redactor: SecretRedactor,
	) {}

	/** Connects and makes the tables where they are missing. @throws DatabaseError `store` */
	static async open(server: PostgresServer, schema: readonly string[]): Promise<PostgresDatabase> {
		const { Pool } = await import('pg');
		const { host, port, database, user, password, ssl, maxConnections = 4, egress = {} } = server;
		await leaveFor(egress, host, port);
		const opened = new PostgresDatabase(
			new Pool({
				host,
				port,
				database,
				user,
				password,
				ssl,
				max: maxConnections,
				stream: () => outgoingSocket(egress),
				// Who stops waiting leaves the attempt behind: no longer than this.
				connectionTimeoutMillis: CONNECT_MS,
				// A statement of ours takes milliseconds; a summary over millions of rows, seconds.
				query_timeout: 30_000,
			}),
			createSecretRedactor(password === undefined ? [] : [password], STARS),
		);
		// An idle connection that breaks is replaced by the pool; without a listener it would end the process.
		opened.pool.on('error', () => undefined);
		try {
			// Two processes that make the same table at once collide in the catalogue; one waits for the other instead.
			await opened.write([
				{ sql: `SELECT pg_advisory_xact_lock(hashtext('local_engine_schema'))` },
				...schema.map((sql) => ({ sql })),
			]);
		} catch (thrown) {
			await opened.close();
			throw thrown;
		}
		return opened;
	}

	async write(statements: readonly Statement[]): Promise<ReadonlyArray<readonly Row[]>> {
		return await this.#connected(async (client) => {
			await client.query('BEGIN');
			const results: Array<readonly Row[]> = [];
			for (const { sql, values = [] } of statements)
				results.push((await client.query<Row>(sql, [...values])).rows);
			await client.query('COMMIT');
			return results;
		});
	}

	async read(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
		return await this.#connected(async (client) => (await client.query<Row>(sql, [...values])).rows);
	}

	async close(): Promise<void> {
		if (!this.pool.ended) await this.pool.end();
	}

	/** Lends a connection; one that failed or was stopped in the middle is closed, which rolls back. */
	async #connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
		return await this.#guard(async () => {
			const connecting = this.pool.connect();
			let client: PoolClient;
			try {
				client = await untilStopped(connecting);
			} catch (thrown) {
				connecting.then(
					(late) => late.release(),
					() => undefined,
				);
				throw thrown;
			}
			let broken: Error | undefined;
			try {
				return await untilStopped(work(client));
			} catch (thrown) {
				broken = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
				throw thrown;
			} finally {
				client.release(broken);
			}
		});
	}

	async #guard<T>(work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (thrown) {
			if (thrown instanceof StoppedError) throw thrown;
			const message = messageOf(thrown) || 'no connection';
			const words = this.redactor.text(message);
			throw new DatabaseError('store', `Postgres refused: ${words}`);
		}
	}
}

async function leaveFor(egress: Egress, host: string, port = 5432): Promise<void> {
	// A path is a Unix socket of this machine.
	if (host.startsWith('/')) return;
	const address = `postgres://${host.includes(':') ? `[${host}]` : host}:${port}`;
	if (!URL.canParse(address))
		throw new DatabaseError('store', `Postgres: "${host}" is not the name of a server.`);
	try {
		await checkAddress(egress, new URL(address));
	} catch (thrown) {
		throw new DatabaseError('store', `Postgres: ${messageOf(thrown)}`);
	}
}
