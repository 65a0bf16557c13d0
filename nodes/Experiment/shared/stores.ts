import { ExperimentStore, type ExperimentAddress } from '../../../lib/experiment';
import type { Space } from '../../../lib/spaces';
import type { NodeItem } from '../../shared/runtime/nodeItem';
import { openedOnce } from '../../shared/runtime/openedOnce';
import { postgresServer } from '../../shared/runtime/postgres';
import { defaultSpaceOfHost, experimentsIn, spaceInPostgres, spaceOf } from '../../shared/runtime/spaces';

/** Which experiment an item is about, and where it is kept. */
export interface ExperimentTarget {
	readonly experiment: string;
	readonly store: ExperimentAddress;
}

export const experimentTargetOf = async (item: NodeItem): Promise<ExperimentTarget> => ({
	experiment: item.text('experiment'),
	store: await storeAddressOf(item),
});

const storeAddressOf = async (item: NodeItem): Promise<ExperimentAddress> =>
	await storeAddressIn(await spaceOf(item.context, item.index), item);

async function storeAddressIn(space: Space, item: NodeItem): Promise<ExperimentAddress> {
	if (item.choice('recordBackend') !== 'postgres') return { backend: 'sqlite', file: experimentsIn(space) };
	return {
		backend: 'postgres',
		...(await postgresServer(item.context, item.index)),
		space: spaceInPostgres(space),
	};
}

/** The experiments at an address; made when they are missing. */
export const openExperimentStore = openedOnce<ExperimentAddress, ExperimentStore>(
	async (address) => await ExperimentStore.open(address),
	'databases of experiments',
);

/** The store of an item. */
export const experimentStoreFor = async (item: NodeItem): Promise<ExperimentStore> =>
	await openExperimentStore(await storeAddressOf(item));

/** The store of the default space, whichever space the node has. */
export const experimentStoreInDefaultSpace = async (item: NodeItem): Promise<ExperimentStore> =>
	await openExperimentStore(await storeAddressIn(defaultSpaceOfHost(), item));
