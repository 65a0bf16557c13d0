import type { RecordStore } from '../types';
import { PostgresRecordStore, type PostgresAddress } from './postgres';
import { SqliteRecordStore } from './sqlite';

export type StoreAddress =
	| { readonly backend: 'sqlite'; /** Path of the database file. */ readonly file: string }
	| ({ readonly backend: 'postgres' } & PostgresAddress);

/**
 * Opens the home of records and feedback; creates it where it is missing.
 * Errors: `unavailable`, `folder`, `store`, `invalidOptions`.
 * @example const store = await recordStore({ backend: 'sqlite', file: '/home/node/.n8n/distillation.sqlite' });
 */
export async function recordStore(address: StoreAddress): Promise<RecordStore> {
	if (address.backend === 'sqlite') return SqliteRecordStore.open(address.file);
	return PostgresRecordStore.open(address);
}

export type { PostgresAddress } from './postgres';
