import path from 'node:path';
import type { IExecuteFunctions } from 'n8n-workflow';
import { ExperimentStore } from '../../../lib/experiment';
import { sha256 } from '../../../lib/support';
import type { DatabaseAddress } from '../../../lib/support/database';
import { dataDirectory, postgresServer } from '../../shared/runtime/postgres';

async function addressOf(context: IExecuteFunctions, itemIndex: number): Promise<DatabaseAddress> {
	if (context.getNodeParameter('recordBackend', itemIndex) === 'postgres')
		return { backend: 'postgres', ...(await postgresServer(context, itemIndex)) };
	return { backend: 'sqlite', file: path.join(dataDirectory(), 'experiments.sqlite') };
}

/** One store per database and process: it has a worker thread or connections of its own. */
const stores = new Map<string, Promise<ExperimentStore>>();

export async function experimentStoreFor(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ExperimentStore> {
	const address = await addressOf(context, itemIndex);
	const key = sha256(JSON.stringify(address));
	const known = stores.get(key);
	if (known !== undefined) return await known;
	const opening = ExperimentStore.open(address);
	stores.set(key, opening);
	// One that could not be opened is tried again next time.
	opening.catch(() => stores.delete(key));
	return await opening;
}
