import path from 'node:path';
import { recordStore, type RecordStore, type StoreAddress } from '../../../lib/distillation';
import { sha256 } from '../../../lib/support';
import { InputError } from './errors';
import type { NodeItem } from './nodeItem';
import { dataDirectory, postgresServer } from './postgres';

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

/** Collections open at once: each has a thread or connections of its own, and an expression can name any number. */
const MAX_STORES = 64;

/** One store per collection and process. */
const stores = new Map<string, Promise<RecordStore>>();

/** The collection at an address; made when it is missing. */
export async function openRecordStore(address: StoreAddress): Promise<RecordStore> {
	const key = sha256(JSON.stringify(address));
	const known = stores.get(key);
	if (known !== undefined) return await known;
	if (stores.size >= MAX_STORES) {
		throw new InputError(
			`${MAX_STORES} collections of records are open, which is all one process can hold. Use fewer: fields of the records tell tenants or topics apart as well.`,
		);
	}
	const opening = recordStore(address);
	stores.set(key, opening);
	// One that could not be opened is tried again next time.
	opening.catch(() => stores.delete(key));
	return await opening;
}

/** The collection of an item. */
export const recordStoreFor = async (item: NodeItem): Promise<RecordStore> =>
	await openRecordStore(await recordTargetOf(item));
