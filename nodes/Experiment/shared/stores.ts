import path from 'node:path';
import { ExperimentStore } from '../../../lib/experiment';
import type { DatabaseAddress } from '../../../lib/support/database';
import { dataDirectory } from '../../shared/runtime/dataDirectory';
import type { NodeItem } from '../../shared/runtime/nodeItem';
import { openedOnce } from '../../shared/runtime/openedOnce';
import { postgresServer } from '../../shared/runtime/postgres';

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

/** The experiments at an address; made when they are missing. */
export const openExperimentStore = openedOnce<DatabaseAddress, ExperimentStore>(
	async (address) => await ExperimentStore.open(address),
	'databases of experiments',
);

/** The store of an item. */
export const experimentStoreFor = async (item: NodeItem): Promise<ExperimentStore> =>
	await openExperimentStore(await storeAddressOf(item));
