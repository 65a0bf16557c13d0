import { PostgresDatabase, type PostgresServer } from './postgres';
import { SqliteDatabase } from './sqlite';
import type { Database } from './types';

export type DatabaseAddress =
	| { readonly backend: 'sqlite'; /** Path of the database file. */ readonly file: string }
	| ({ readonly backend: 'postgres' } & PostgresServer);

/**
 * Opens a database and makes its tables where they are missing. `schema` is `CREATE … IF NOT EXISTS` statements in SQL
 * that SQLite and Postgres both read (`text`, `double precision`).
 *
 * @throws DatabaseError `unavailable`, `folder`, `store`
 */
export async function openDatabase(address: DatabaseAddress, schema: readonly string[]): Promise<Database> {
	if (address.backend === 'sqlite') return await SqliteDatabase.open(address.file, schema);
	return await PostgresDatabase.open(address, schema);
}

export type { PostgresServer } from './postgres';
export * from './types';
