import type { Schemas } from '@qdrant/js-client-rest';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, mapAll, stableJson } from '../../support';
import { incomplete, IndexError } from '../errors';
import { FORMAT } from '../settings';
import type { BuildPurpose, IndexEntry, IndexSettings, SearchSettings } from '../types';
import { shownName } from './alias';
import { FACETS } from './filter';
import { change, type QdrantClient, request } from './client';
import { plainJson } from './json';
import { PENDING, SPARSE } from './payload';
import { keysLayout, placed, rowsLayout } from './layout';
import {
	aliases,
	collectionNames,
	collectionOf,
	firstVersion,
	nextVersion,
	fromMetadata,
	isVersionOf,
	keysOf,
	look,
	orUndefined,
	partsOf,
	type CollectionVersion,
	type Metadata,
} from './states';

/* Making, switching and removing versions in the order of writes that DESIGN.md lays down. */

const REQUESTS_AT_ONCE = 8;
/** What `building` becomes when a version is live: metadata can be changed, not taken out. */
const BUILT = 'done';

/** Makes an empty live index; what interrupted calls left of another one is removed. Resolves to false when the name is taken. */
export async function createFirst(
	client: QdrantClient,
	name: string,
	wanted: IndexSettings,
): Promise<boolean> {
	const { live, collections, foreign } = await look(client, name);
	refuse(foreign);
	if (live !== undefined) return false;
	const settings = await placed(client, wanted);
	const begun = await findBegun(client, collections, settings);
	if (begun === undefined) await removeAll(client, collections);
	const collection = begun ?? collectionOf(name, firstVersion(collections));
	const maker = randomUUID();
	const made = await make(client, collection, name, settings, { maker });
	// Where it was there, this call's own answer may have been lost, another call may be about to name it, or a process was killed before it did.
	if (!made && !(await isMadeBy(client, collection, maker)) && (await isNamedSoon(client, name)))
		return false;
	await pointTo(client, name, collection);
	return true;
}

/** Another call that made the collection names it within this time, unless it was killed. */
const NAMED_MS = 1_000;
const NAMED_POLL_MS = 100;

async function isNamedSoon(client: QdrantClient, name: string): Promise<boolean> {
	for (const end = performance.now() + NAMED_MS; performance.now() < end; await sleep(NAMED_POLL_MS))
		if ((await aliases(client)).has(name)) return true;
	return false;
}

async function isMadeBy(client: QdrantClient, collection: string, maker: string): Promise<boolean> {
	const info = await orUndefined(request('Looking for an index', () => client.getCollection(collection)));
	const metadata = info && plainJson(info.config.metadata);
	return isObject(metadata) && metadata.maker === maker;
}

/** Makes an empty version that is not live. A restore removes what an interrupted one left, and needs no live version. */
export async function createNext(
	client: QdrantClient,
	name: string,
	wanted: IndexSettings,
	building: BuildPurpose,
): Promise<string> {
	const { live, collections, whole, foreign } = await look(client, name);
	refuse(foreign);
	const settings = await placed(client, wanted);
	if (building === 'restore') {
		const others = collections.filter((each) => each !== live);
		const versions = live === undefined ? [] : await describe(client, name, live, others);
		const kept = versions.filter((each) => each.building !== 'restore' && whole.includes(each.collection));
		await removeAll(
			client,
			others.filter((each) => !kept.some(({ collection }) => collection === each)),
		);
	}
	const next = nextVersion(settings);
	const isFree = building === 'migration' && !whole.includes(collectionOf(name, next));
	const version = isFree ? next : randomBytes(6).toString('hex');
	await make(client, collectionOf(name, version), name, settings, { building });
	return version;
}

/** Moves the name to another version; readers have one or the other at any moment. */
export async function switchTo(
	client: QdrantClient,
	name: string,
	version: string,
	ifLive?: string | null,
): Promise<boolean> {
	const { live, whole, foreign } = await look(client, name);
	refuse(foreign);
	const collection = collectionOf(name, version);
	const [next, before] = await Promise.all([
		metadataOf(client, name, collection),
		live === undefined || live === collection ? undefined : metadataOf(client, name, live),
	]);
	if (!next || !whole.includes(collection))
		throw new IndexError('notFound', `The index "${shownName(name)}" has no version ${version}.`);
	const wanted = typeof ifLive === 'string' ? collectionOf(name, ifLive) : undefined;
	if (ifLive !== undefined && live !== wanted) return false;
	// A version that was live is complete, whatever became of the call that made it so.
	if (before?.building !== undefined && live !== undefined) await markBuilt(client, name, live);
	await pointTo(client, name, collection);
	if (next.building !== undefined) await markBuilt(client, name, collection);
	return true;
}

/** The versions of an index, oldest first; undefined when it has no live one. */
export async function versionsOf(
	client: QdrantClient,
	name: string,
): Promise<CollectionVersion[] | undefined> {
	const { live, collections, whole } = await look(client, name);
	if (live === undefined) return undefined;
	const versions = await describe(client, name, live, collections);
	// The live one is whole also where its manifest was removed on the server.
	return versions.map((version) =>
		version.live || whole.includes(version.collection) ? version : { ...version, partial: true },
	);
}

/** What is there of a name that has no live version, in a sentence; undefined where nothing is. */
export async function remains(client: QdrantClient, name: string): Promise<string | undefined> {
	const { live, collections, foreign } = await look(client, name);
	if (foreign !== undefined) return foreign;
	return live === undefined && collections.length > 0 ? incomplete(shownName(name)) : undefined;
}

/** One version without looking at the others: the live one, or the one asked for. Undefined when it is not there. */
export async function findVersion(
	client: QdrantClient,
	name: string,
	version: string | undefined,
): Promise<CollectionVersion | undefined> {
	const live = (await aliases(client)).get(name);
	const collection = version === undefined ? live : collectionOf(name, version);
	if (collection === undefined || !isVersionOf(name, collection)) return undefined;
	return (await describe(client, name, live, [collection]))[0];
}

/** @param nameOf the name of an index by its alias; undefined where it is not listed */
export async function list(
	client: QdrantClient,
	nameOf: (alias: string) => string | undefined,
): Promise<IndexEntry[]> {
	const [pointers, all] = await Promise.all([aliases(client), collectionNames(client)]);
	const ours = [...pointers].filter(([alias, target]) => isVersionOf(alias, target));
	const entries = await mapAll(ours, REQUESTS_AT_ONCE, async ([alias, live]): Promise<IndexEntry[]> => {
		const name = nameOf(alias);
		if (name === undefined) return [];
		const own = all.filter((each) => isVersionOf(alias, each));
		try {
			const versions = await describe(client, alias, live, own);
			const settings = versions.find((version) => version.live)?.settings;
			return settings ? [{ name, settings, versions }] : [];
		} catch (thrown) {
			// One whose node is gone does not hide the others.
			if (!(thrown instanceof IndexError) || thrown.kind === 'cancelled') throw thrown;
			return [{ name, versions: [], problem: thrown.message }];
		}
	});
	return entries.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Removes an index with everything that interrupted calls left of it: the name first, so that nobody reads what is half gone.
 * Resolves to false when there is nothing. Asks for no collection's state, which fails while a node of a cluster is away.
 */
export async function removeIndex(client: QdrantClient, name: string): Promise<boolean> {
	const { live, collections } = await look(client, name);
	if (live === undefined && collections.length === 0) return false;
	if (live !== undefined) {
		await change(
			'Removing the index',
			() => client.updateCollectionAliases({ actions: [{ delete_alias: { alias_name: name } }] }),
			async () => !(await aliases(client)).has(name),
		);
	}
	await removeAll(client, collections);
	return true;
}

/** Removes one version. Resolves to false when it is not there. Throws `invalidQuery` for the live one. */
export async function removeVersion(client: QdrantClient, name: string, version: string): Promise<boolean> {
	const { live, collections } = await look(client, name);
	const collection = collectionOf(name, version);
	if (collection === live) {
		throw new IndexError(
			'invalidQuery',
			`Version ${version} of the index "${shownName(name)}" is the live one and cannot be removed.`,
		);
	}
	if (!collections.includes(collection)) return false;
	await removeAll(client, [collection]);
	return true;
}

export async function rememberTuning(
	client: QdrantClient,
	collection: string,
	tuning: SearchSettings,
): Promise<void> {
	await request('Remembering how to search', () =>
		client.updateCollection(collection, { metadata: { tuning: { ...tuning } } }),
	);
}

/** Makes the collection of a manifest, as safely kept as the rows. Where it is there already nothing happens. */
export async function createKeys(client: QdrantClient, keys: string, settings: IndexSettings): Promise<void> {
	await orTaken(
		change(
			'Making the manifest of the index',
			() => client.createCollection(keys, { ...keysLayout(settings), metadata: { manifest: true } }),
			() => isThere(client, keys),
		),
	);
}

function refuse(foreign: string | undefined): void {
	if (foreign !== undefined) throw new IndexError('alreadyExists', foreign);
}

async function describe(
	client: QdrantClient,
	name: string,
	live: string | undefined,
	collections: readonly string[],
): Promise<CollectionVersion[]> {
	const versions = await mapAll(
		collections,
		REQUESTS_AT_ONCE,
		async (collection): Promise<CollectionVersion[]> => {
			const found = await metadataOf(client, name, collection);
			const version = partsOf(collection)?.version;
			if (!found || version === undefined) return [];
			const isLive = collection === live;
			const { building, ...metadata } = found;
			return [
				{
					...{ ...metadata, version, live: isLive, collection },
					...(building !== undefined && !isLive && { building }),
				},
			];
		},
	);
	return versions.flat().sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

async function metadataOf(
	client: QdrantClient,
	name: string,
	collection: string,
): Promise<Metadata | undefined> {
	const info = await orUndefined(
		request(`Reading the index "${shownName(name)}"`, () => client.getCollection(collection)),
	);
	return info && fromMetadata(info);
}

/** The collection that another creation with the same settings has begun, at this moment or before it was interrupted. */
async function findBegun(
	client: QdrantClient,
	[collection, ...others]: readonly string[],
	settings: IndexSettings,
): Promise<string | undefined> {
	if (collection === undefined || others.length > 0) return undefined;
	const found = await metadataOf(client, collection, collection);
	const same =
		found?.building === undefined &&
		found?.format === FORMAT &&
		stableJson(found.settings) === stableJson(settings);
	if (!same) return undefined;
	// Rows or keys: it was live once, and is the rest of a drop.
	for (const each of [collection, keysOf(collection)]) {
		const found = await orUndefined(
			request('Looking for an index', () => client.scroll(each, { limit: 1, with_payload: false })),
		);
		if (found && found.points.length > 0) return undefined;
	}
	return collection;
}

async function removeAll(client: QdrantClient, collections: readonly string[]): Promise<void> {
	for (const collection of collections) {
		for (const each of [keysOf(collection), collection]) {
			await change(
				'Removing the index',
				() => client.deleteCollection(each),
				async () => !(await isThere(client, each)),
			);
		}
	}
}

/** Makes the collections of a version, as far as they are not there. Resolves to whether the one of the rows was made by this call. */
async function make(
	client: QdrantClient,
	collection: string,
	name: string,
	settings: IndexSettings,
	notes: { readonly building: BuildPurpose } | { readonly maker: string },
): Promise<boolean> {
	const made = await orTaken(
		change(
			`Creating the index "${shownName(name)}"`,
			() =>
				client.createCollection(collection, {
					...rowsLayout(settings),
					sparse_vectors: { [SPARSE]: { modifier: 'idf' } },
					metadata: {
						...{ index: name, format: FORMAT, settings: JSON.stringify(settings) },
						createdAt: new Date().toISOString(),
						...notes,
					},
				}),
			() => isThere(client, collection),
		),
	);
	// Making them again changes nothing, and mends what a killed process left undone.
	for (const field of [FACETS, 'source', 'generation']) {
		await index(client, collection, name, { field_name: field, field_schema: 'keyword' });
	}
	await index(client, collection, name, { field_name: PENDING, field_schema: 'integer' });
	const { tenantField } = settings.layout ?? {};
	if (tenantField !== undefined) {
		const field_schema = { type: 'keyword', is_tenant: true } as const;
		await index(client, collection, name, { field_name: `metadata.${tenantField}`, field_schema });
	}
	await createKeys(client, keysOf(collection), settings);
	return made;
}

const isThere = async (client: QdrantClient, collection: string): Promise<boolean> =>
	(await collectionNames(client)).includes(collection);

/** Resolves to false where what is to be made is there already. */
async function orTaken(creating: Promise<boolean>): Promise<boolean> {
	try {
		return await creating;
	} catch (thrown) {
		if (thrown instanceof IndexError && thrown.kind === 'alreadyExists') return false;
		throw thrown;
	}
}

async function index(
	client: QdrantClient,
	collection: string,
	name: string,
	field: Schemas['CreateFieldIndex'],
): Promise<void> {
	await request(`Creating the index "${shownName(name)}"`, () =>
		client.createPayloadIndex(collection, { wait: true, ...field }),
	);
}

async function markBuilt(client: QdrantClient, name: string, collection: string): Promise<void> {
	await change(
		`Switching the index "${shownName(name)}"`,
		() => client.updateCollection(collection, { metadata: { building: BUILT } }),
		async () => (await metadataOf(client, name, collection))?.building === undefined,
	);
}

async function pointTo(client: QdrantClient, name: string, collection: string): Promise<void> {
	await change(
		`Pointing the name "${shownName(name)}" to its data`,
		() =>
			client.updateCollectionAliases({
				actions: [
					{ delete_alias: { alias_name: name } },
					{ create_alias: { collection_name: collection, alias_name: name } },
				],
			}),
		async () => (await aliases(client)).get(name) === collection,
	);
}
