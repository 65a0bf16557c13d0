import type { ILoadOptionsFunctions } from 'n8n-workflow';
import type { Embedder } from '../../../lib/embedding';
import { noIndex } from '../../../lib/ingest';
import type { Space } from '../../../lib/spaces';
import type { Egress } from '../../../lib/support';
import {
	createIndex,
	describeIndexes,
	type IndexAddress,
	type IndexEntry,
	IndexError,
	listIndexes,
	openIndex,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import { noticeIndex } from './backgroundVectors';
import type { NodeContext } from './context';
import { egressOf } from './egress';
import { embedderFor, embedderOfIndex } from './embedders';
import type { NodeItem } from './nodeItem';
import { InputError } from './errors';
import { nearNames } from './nearNames';
import { defaultSpaceOfHost, indexesIn, spaceOf, spaceOnQdrant } from './spaces';
import { isNothing, toText } from './values';
import { shortened } from '../../../lib/support';

type Store =
	| { readonly backend: 'embedded'; readonly directory: string }
	| {
			readonly backend: 'qdrant';
			readonly url: string;
			readonly apiKey?: string;
			readonly egress: Egress;
			readonly space?: string;
	  };

/** Where the indexes of the node's space are. */
async function storeOf(
	context: NodeContext | ILoadOptionsFunctions,
	backend: unknown,
	itemIndex = 0,
): Promise<Store> {
	return await storeIn(await spaceOf(context, itemIndex), context, backend, itemIndex);
}

async function storeIn(
	space: Space,
	context: NodeContext | ILoadOptionsFunctions,
	backend: unknown,
	itemIndex: number,
): Promise<Store> {
	if (backend !== 'qdrant') return { backend: 'embedded', directory: indexesIn(space) };
	const { qdrantUrl, apiKey } = await context.getCredentials<{ qdrantUrl: string; apiKey?: string }>(
		'qdrantApi',
		itemIndex,
	);
	return {
		backend: 'qdrant',
		url: qdrantUrl,
		apiKey: apiKey || undefined,
		egress: egressOf(context),
		space: spaceOnQdrant(space),
	};
}

/** Where the indexes of an item are kept. */
export const storeTargetOf = async (item: NodeItem): Promise<Store> =>
	await storeOf(item.context, item.choice('backend'), item.index);

/** All indexes that are kept in one place. */
export const listIndexesOf = async (store: Store): Promise<IndexEntry[]> => await describeIndexes(store);

/** The same while the node is edited. */
export async function listIndexNamesInEditor(context: ILoadOptionsFunctions): Promise<string[]> {
	return await listIndexes(await storeOf(context, context.getCurrentNodeParameter('backend')));
}

/** Which index an item is for. */
export interface IndexTarget {
	readonly address: IndexAddress;
	/** Whether the item itself names the index, in the field of *Index Name Field*. */
	readonly named: boolean;
}

/** @throws InputError when there is no name */
export async function indexTargetOf(item: NodeItem): Promise<IndexTarget> {
	const store = await storeTargetOf(item);
	const requested = item.hasField('options.indexNameField')
		? item.pointed('options.indexNameField')
		: undefined;
	// Read in any case: a list that is set and comes out empty would allow every index.
	const allowed = item.hasField('options.allowedIndexes') ? item.list('options.allowedIndexes') : [];
	if (isNothing(requested)) return { address: { ...store, name: item.text('index') }, named: false };
	const name = toText(requested, item.label('options.indexNameField')).trim();
	if (allowed.length > 0 && !allowed.includes(name))
		throw new InputError(
			`The index "${shortened(name, 100)}" may not be named here. Send one of ${allowed.join(', ')}, or none.`,
		);
	return { address: { ...store, name }, named: true };
}

/** Where the index of the item is (whether it exists or not). */
export async function addressFor(item: NodeItem): Promise<IndexAddress> {
	return (await indexTargetOf(item)).address;
}

/** The index of that name in the folder of the node's space. */
export async function addressOnThisMachine(item: NodeItem): Promise<IndexAddress> {
	return { ...(await storeOf(item.context, 'embedded', item.index)), name: item.text('index') };
}

/** The index of that name on the server of the field *New Server*, with the key of the node's Header Auth credential. */
export async function addressOnNewServer(item: NodeItem): Promise<IndexAddress> {
	const { context, index } = item;
	const space = spaceOnQdrant(await spaceOf(context, index));
	const apiKey = await headerKeyOf(item);
	return {
		...{ backend: 'qdrant', url: item.text('newServer'), apiKey, egress: egressOf(context), space },
		name: item.text('index'),
	};
}

async function headerKeyOf({ context, index }: NodeItem): Promise<string | undefined> {
	if (context.getNode().credentials?.httpHeaderAuth === undefined) return undefined;
	const { name, value } = await context.getCredentials<{ name: string; value: string }>(
		'httpHeaderAuth',
		index,
	);
	if (String(name).trim().toLowerCase() === 'api-key') return value;
	throw new InputError(
		'Enter "api-key" as the name in the Header Auth credential, and the API key of the new Qdrant server as its value.',
	);
}

/** The index of that name in the default space, whichever space the node has. */
export async function addressInDefaultSpace(item: NodeItem): Promise<IndexAddress> {
	const store = await storeIn(defaultSpaceOfHost(), item.context, item.choice('backend'), item.index);
	return { ...store, name: item.text('index') };
}

/** Opens the index an operation works on. @throws IndexError `notFound`, `invalidName` */
export async function openIndexFor(item: NodeItem): Promise<VectorIndex> {
	const target = await indexTargetOf(item);
	const index = await openIndex(target.address).catch(async (error: unknown) => {
		throw await withNearNames(error, item, target);
	});
	noticeIndex(target.address, index);
	return index;
}

/**
 * Adds the indexes whose names are like the one that was not found. Only where the name was written into the node: who chooses it by
 * an expression or a field of the item is not told what else there is.
 */
async function withNearNames(
	error: unknown,
	item: NodeItem,
	{ address, named }: IndexTarget,
): Promise<unknown> {
	if (!(error instanceof IndexError) || error.kind !== 'notFound' || named || !item.isWritten('index'))
		return error;
	const names = nearNames(address.name, await listIndexes(address));
	if (names.length === 0) return error;
	const quoted = names.map((name) => `"${name}"`).join(', ');
	return new IndexError('notFound', `${error.message} Similar names: ${quoted}.`, { cause: error.cause });
}

/** An index with the embedding model it was built with. */
export interface OpenedIndex {
	readonly index: VectorIndex;
	readonly embedder: Embedder;
	/** There is none, and none was made. */
	readonly isMissing?: true;
}

/**
 * Opens the index of a group of items, or creates it with the chosen embedding model when it does not exist yet. An index
 * that an item itself names is never created: a caller of a webhook may choose among indexes, not make new ones.
 *
 * @param item one of the group, for the credential of the embedding model
 */
export async function openOrCreateIndex(
	{ address, named }: IndexTarget,
	embedding: string,
	item: NodeItem,
	{ preview = false }: { readonly preview?: boolean } = {},
): Promise<OpenedIndex> {
	const { context, index: itemIndex, signal } = item;
	const existing = named ? await openIndex(address) : await openIfThere(address);
	if (existing) {
		if (named) noticeIndex(address, existing);
		const { model } = await existing.settings();
		return { index: existing, embedder: await embedderOfIndex(context, model, itemIndex) };
	}
	const embedder = await embedderFor(context, embedding, itemIndex);
	const { model, dimensions, id } = await embedder.fingerprint({ signal });
	const settings = { model, dimensions, fingerprint: id };
	if (preview) return { index: noIndex(settings), embedder, isMissing: true };
	// Another execution may have been faster: then its index is opened, if it was made with the same model.
	const index = await createIndex(address, settings, { ifExists: 'open' });
	return { index, embedder };
}

/** Opens an index; undefined where there is none of that name. */
export async function openIfThere(address: IndexAddress): Promise<VectorIndex | undefined> {
	const index = await openIndex(address).catch((error: unknown) => {
		if (error instanceof IndexError && error.kind === 'notFound') return undefined;
		throw error;
	});
	if (index) noticeIndex(address, index);
	return index;
}
