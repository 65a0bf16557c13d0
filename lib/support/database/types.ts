import { LocalEngineError } from '../errors';

export type SqlValue = string | number | null;
export type Row = { readonly [column: string]: unknown };

/** Parameters are `$1`, `$2`, … on both back ends; SQL is written by the program, never made from input. */
export interface Statement {
	readonly sql: string;
	readonly values?: readonly SqlValue[];
}

/** A few tables that several executions and processes write. Every method rejects with a DatabaseError. */
export interface Database {
	/** All statements or none; resolves when they survive a crash, with the rows each one returned. */
	write(statements: readonly Statement[]): Promise<ReadonlyArray<readonly Row[]>>;
	read(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
	close(): Promise<void>;
}

/** `store`: the database refused or is broken · `unavailable`: this Node has no SQLite · `folder`: it cannot be made. */
export type DatabaseErrorKind = 'store' | 'unavailable' | 'folder';

export class DatabaseError extends LocalEngineError<DatabaseErrorKind> {}
