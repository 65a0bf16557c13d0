import path from 'node:path';
import { ExperimentStore } from '../../../lib/experiment';
import { sha256 } from '../../../lib/support';
import type { DatabaseAddress } from '../../../lib/support/database';
import type { NodeItem } from '../../shared/runtime/nodeItem';
import { dataDirectory, postgresServer } from '../../shared/runtime/postgres';

/** Which experiment an item is about, and where it is kept. */
export interface ExperimentTarget {
	readonly experiment: string;
	readonly store: DatabaseAddress;
}

export const experimentTargetOf = async (item: NodeItem): Promise<ExperimentTarget> => ({
	experiment: item.text('experiment'),
	store: await storeAddressOf(item),
});

async function storeAddressOf(item: NodeItem): Promise<DatabaseAddress> {
	if (item.choice('recordBackend') === 'postgres')
		return { backend: 'postgres', ...(await postgresServer(item.context, item.index)) };
	return { backend: 'sqlite', file: path.join(dataDirectory(), 'experiments.sqlite') };
}

/** One store per database and process: it has a worker thread or connections of its own. */
const stores = new Map<string, Promise<ExperimentStore>>();

export async function openExperimentStore(address: DatabaseAddress): Promise<ExperimentStore> {
	const key = sha256(JSON.stringify(address));
	const known = stores.get(key);
	if (known !== undefined) return await known;
	const opening = ExperimentStore.open(address);
	stores.set(key, opening);
	// One that could not be opened is tried again next time.
	opening.catch(() => stores.delete(key));
	return await opening;
}

/** The store of an item. */
export const experimentStoreFor = async (item: NodeItem): Promise<ExperimentStore> =>
	await openExperimentStore(await storeAddressOf(item));
