import path from 'node:path';
import type { IExecuteFunctions } from 'n8n-workflow';
import { recordStore, type RecordStore, type StoreAddress } from '../../../lib/distillation';
import { sha256 } from '../../../lib/support';
import { InputError } from './errors';
import { dataDirectory, postgresServer } from './postgres';

/** Folder of the records on this machine. */
export function distillationDirectory(): string {
	return path.join(dataDirectory(), 'distillation');
}

/** As much of a node's context as finding its store takes: root nodes, sub-nodes and triggers have it. */
export type StoreContext = Pick<IExecuteFunctions, 'getNodeParameter' | 'getCredentials'>;

async function addressOf(context: StoreContext, itemIndex: number): Promise<StoreAddress> {
	const collection = context.getNodeParameter('collection', itemIndex) as string;
	// The name becomes part of a file's or a table's name.
	if (!/^[a-z][a-z0-9_]{0,39}$/.test(collection)) {
		throw new InputError(
			`The collection "${collection}" may hold lower-case letters, digits and _ only (at most 40, a letter first).`,
		);
	}
	if (context.getNodeParameter('recordBackend', itemIndex) !== 'postgres') {
		return { backend: 'sqlite', file: path.join(distillationDirectory(), `${collection}.sqlite`) };
	}
	return { backend: 'postgres', ...(await postgresServer(context, itemIndex)), tablePrefix: collection };
}

/** Collections open at once: each has a thread or connections of its own, and an expression can name any number. */
const MAX_STORES = 64;

/** One store per collection and process. */
const stores = new Map<string, Promise<RecordStore>>();

/** The collection the node is set to; made when it is missing. */
export async function recordStoreFor(context: StoreContext, itemIndex: number): Promise<RecordStore> {
	const address = await addressOf(context, itemIndex);
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
