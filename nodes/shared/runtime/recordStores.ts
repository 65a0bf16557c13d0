import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { recordStore, type RecordStore, type StoreAddress } from '../../../lib/distillation';
import type { Space } from '../../../lib/spaces';
import { privateFolder } from '../../../lib/support';
import { InputError } from './errors';
import type { NodeItem } from './nodeItem';
import { openedOnce } from './openedOnce';
import { postgresServer } from './postgres';
import { defaultSpaceOfHost, distillationIn, spaceInPostgres, spaceOf } from './spaces';

/** Folder of the records and data sets of an item's space on this machine. */
export const distillationDirectoryOf = async (item: NodeItem): Promise<string> =>
	distillationIn(await spaceOf(item.context, item.index));

/** Folder for temporary files with recorded texts: in the space, since n8n's nodes for files may read the system's. */
export async function temporaryFolderOf(item: NodeItem): Promise<string> {
	const folder = path.join(await distillationDirectoryOf(item), '.temporary');
	await privateFolder(folder);
	return folder;
}

/** Where the records of an item are. @throws InputError for a name that is none, SpaceError */
export const recordTargetOf = async (item: NodeItem): Promise<StoreAddress> =>
	await recordTargetIn(await spaceOf(item.context, item.index), item);

/** The collection of that name in the default space, whichever space the node has. */
export const recordTargetInDefaultSpace = async (item: NodeItem): Promise<StoreAddress> =>
	await recordTargetIn(defaultSpaceOfHost(), item);

async function recordTargetIn(space: Space, item: NodeItem): Promise<StoreAddress> {
	const collection = item.text('collection');
	// The name becomes part of a file's or a table's name.
	if (!/^[a-z][a-z0-9_]{0,29}$/.test(collection)) {
		throw new InputError(
			`The collection "${collection}" may hold lower-case letters, digits and _ only (at most 30, a letter first).`,
		);
	}
	if (item.choice('recordBackend') !== 'postgres') {
		return { backend: 'sqlite', file: path.join(distillationIn(space), `${collection}.sqlite`) };
	}
	return {
		backend: 'postgres',
		...(await postgresServer(item.context, item.index)),
		tablePrefix: collection,
		space: spaceInPostgres(space),
	};
}

/** The collection at an address; made when it is missing. */
export const openRecordStore = openedOnce<StoreAddress, RecordStore>(
	async (address) => await recordStore(address),
	'collections of records',
);

/** Names in the sentence about a collection that is not there. */
const NAMES_SHOWN = 10;

/**
 * The collection of an item (or the one at an address), to read from: it must be there and hold a record. One that is misspelt is neither made nor taken for empty.
 * @throws InputError
 */
export async function filledRecordStoreFor(item: NodeItem, given?: StoreAddress): Promise<RecordStore> {
	const target = given ?? (await recordTargetOf(item));
	const name = item.text('collection');
	if (target.backend === 'sqlite' && !existsSync(target.file)) {
		const others = await collectionsIn(path.dirname(target.file));
		throw new InputError(
			others.length === 0
				? `There is no collection "${name}", and no other one. Add records first.`
				: `There is no collection "${name}". Check its name. There ${others.length === 1 ? 'is' : 'are'}: ${others.slice(0, NAMES_SHOWN).join(', ')}${others.length > NAMES_SHOWN ? ', …' : ''}.`,
		);
	}
	const store = await openRecordStore(target);
	if ((await store.count()).records === 0)
		throw new InputError(`The collection "${name}" has no records. Check its name, or add records first.`);
	return store;
}

async function collectionsIn(folder: string): Promise<string[]> {
	const files = await readdir(folder).catch(() => []);
	return files.flatMap((file) => (file.endsWith('.sqlite') ? [path.basename(file, '.sqlite')] : [])).sort();
}

/** The collection of an item. */
export const recordStoreFor = async (item: NodeItem): Promise<RecordStore> =>
	await openRecordStore(await recordTargetOf(item));
