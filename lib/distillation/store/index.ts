import { prefixOf, type DatabaseAddress, type PostgresServer } from '../../support/database';
import { DistillationError } from '../errors';
import type { RecordStore } from '../types';
import { POSTGRES, SQLITE } from './sql';
import { DatabaseRecordStore } from './store';

export interface PostgresAddress extends PostgresServer {
	/** Tables are `<prefix>_records` and `<prefix>_feedback`. Default `local_engine`. */
	readonly tablePrefix?: string;
	/** Whose tables: their names begin with `<space>$`, which no prefix can hold. A letter and up to 15 letters or digits. */
	readonly space?: string;
}

export type StoreAddress =
	| Extract<DatabaseAddress, { backend: 'sqlite' }>
	| ({ readonly backend: 'postgres' } & PostgresAddress);

/**
 * Opens the store of records and feedback; creates it where it is missing.
 * Errors: `unavailable`, `folder`, `store`, `invalidOptions`.
 * @example const store = await recordStore({ backend: 'sqlite', file: '/home/node/.n8n/distillation.sqlite' });
 */
export async function recordStore(address: StoreAddress): Promise<RecordStore> {
	if (address.backend === 'sqlite') return await DatabaseRecordStore.open(address, SQLITE, '');
	const { tablePrefix = 'local_engine', space, ...server } = address;
	// A table name cannot be a parameter of a query, so only plain names get into one.
	if (!/^[a-z_][a-z0-9_]{0,29}$/.test(tablePrefix)) {
		throw new DistillationError(
			'invalidOptions',
			`The table prefix "${tablePrefix}" may hold lower-case letters, digits and _ only (at most 30, no digit first).`,
		);
	}
	return await DatabaseRecordStore.open(server, POSTGRES, `${prefixOf(space)}${tablePrefix}_`);
}
