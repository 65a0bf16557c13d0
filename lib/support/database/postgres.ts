import type { Pool } from 'pg';
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
				connectionTimeoutMillis: 10_000,
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
		return await this.#guard(async () => {
			const client = await this.pool.connect();
			let broken: Error | undefined;
			try {
				await client.query('BEGIN');
				const results: Array<readonly Row[]> = [];
				for (const { sql, values = [] } of statements)
					results.push((await client.query<Row>(sql, [...values])).rows);
				await client.query('COMMIT');
				return results;
			} catch (thrown) {
				broken = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
				throw thrown;
			} finally {
				// Closing the connection rolls back, also where the server no longer answers.
				client.release(broken);
			}
		});
	}

	async read(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
		return await this.#guard(async () => (await this.pool.query<Row>(sql, [...values])).rows);
	}

	async close(): Promise<void> {
		if (!this.pool.ended) await this.pool.end();
	}

	async #guard<T>(work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (thrown) {
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
