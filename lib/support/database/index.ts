import { DatabaseError, type Database } from './types';
import { PostgresDatabase, type PostgresServer } from './postgres';
import { SqliteDatabase } from './sqlite';

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

/**
 * What the names of a space's tables begin with; nothing without a space. "$" separates: a name that somebody chooses cannot hold
 * it. @throws DatabaseError `store` for a space that cannot be part of a name
 */
export function prefixOf(space: string | undefined): string {
	if (space === undefined) return '';
	if (/^[a-z][a-z0-9]{0,15}$/.test(space)) return `${space}$`;
	throw new DatabaseError('store', 'The space cannot be part of the name of a table.');
}

export type { PostgresServer } from './postgres';
export * from './types';
