import path from 'node:path';
import { recordStore, type RecordStore, type StoreAddress } from '../../../lib/distillation';
import { dataDirectory } from './dataDirectory';
import { InputError } from './errors';
import type { NodeItem } from './nodeItem';
import { openedOnce } from './openedOnce';
import { postgresServer } from './postgres';

/** Folder of the records on this machine. */
export function distillationDirectory(): string {
	return path.join(dataDirectory(), 'distillation');
}

/** Where the records of an item are. @throws InputError for a name that is none */
export async function recordTargetOf(item: NodeItem): Promise<StoreAddress> {
	const collection = item.text('collection');
	// The name becomes part of a file's or a table's name.
	if (!/^[a-z][a-z0-9_]{0,39}$/.test(collection)) {
		throw new InputError(
			`The collection "${collection}" may hold lower-case letters, digits and _ only (at most 40, a letter first).`,
		);
	}
	if (item.choice('recordBackend') !== 'postgres') {
		return { backend: 'sqlite', file: path.join(distillationDirectory(), `${collection}.sqlite`) };
	}
	return {
		backend: 'postgres',
		...(await postgresServer(item.context, item.index)),
		tablePrefix: collection,
	};
}

/** The collection at an address; made when it is missing. */
export const openRecordStore = openedOnce<StoreAddress, RecordStore>(
	async (address) => await recordStore(address),
	'collections of records',
);

/** The collection of an item. */
export const recordStoreFor = async (item: NodeItem): Promise<RecordStore> =>
	await openRecordStore(await recordTargetOf(item));
