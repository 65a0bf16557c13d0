import { isSettings } from '../settings';
import type { Schemas } from '@qdrant/js-client-rest';
import { randomBytes } from 'node:crypto';
import { isObject, mapAll } from '../../support';
import { IndexError } from '../errors';
import { plainJson } from './json';
import type { IndexEntry, IndexSettings, IndexVersion, SearchSettings } from '../types';
import { shownName } from './alias';
import { FACETS } from './filter';
import { type QdrantClient, request } from './client';
import { DENSE, SPARSE } from './payload';
import { PRESETS } from './presets';

/*
 * The name of an index is an alias; what it points to is a collection "<name>--<version>". So a migration builds a
 * second collection and moves the alias, which Qdrant does in one step.
 */

const VERSION = /^(.+)--([0-9a-f]{12})$/;
/** The first version has a fixed id: of two creations at once, the server refuses one. */
const FIRST = '0'.repeat(12);
const REQUESTS_AT_ONCE = 8;

export interface CollectionVersion extends IndexVersion {
	readonly collection: string;
	readonly tuning?: SearchSettings;
}

export function collectionOf(name: string, version: string): string {
	return `${name}--${version}`;
}

/** The collection that holds a version's manifest. */
export function keysOf(collection: string): string {
	return `${collection}-keys`;
}

/** Resolves to false when the name is taken. */
export async function createFirst(
	client: QdrantClient,
	name: string,
	settings: IndexSettings,
): Promise<boolean> {
	const collection = collectionOf(name, FIRST);
	if ((await aliases(client)).has(name)) return false;
	const made = await createCollection(client, collection, name, settings);
	// Also when it was there already: a process may have been killed before it could name its collection.
	if (made || !(await aliases(client)).has(name)) await pointTo(client, name, collection);
	return made;
}

export async function createNext(
	client: QdrantClient,
	name: string,
	settings: IndexSettings,
): Promise<string> {
	const version = randomBytes(6).toString('hex');
	await createCollection(client, collectionOf(name, version), name, settings);
	return version;
}

/** Moves the name to another version; readers have one or the other at any moment. */
export async function switchTo(client: QdrantClient, name: string, version: string): Promise<void> {
	await pointTo(client, name, collectionOf(name, version));
}

/** The versions of an index, oldest first; undefined when there is none. */
export async function versionsOf(
	client: QdrantClient,
	name: string,
): Promise<CollectionVersion[] | undefined> {
	const [live, collections] = await Promise.all([aliases(client), collectionNames(client)]);
	const target = live.get(name);
	if (target === undefined) return undefined;
	return await describe(client, name, target, collections);
}

/** One version without looking at the others: the live one, or the one asked for. Undefined when it is not there. */
export async function findVersion(
	client: QdrantClient,
	name: string,
	version: string | undefined,
): Promise<CollectionVersion | undefined> {
	const target = (await aliases(client)).get(name);
	if (target === undefined) return undefined;
	const collection = version === undefined ? target : collectionOf(name, version);
	return (await describe(client, name, target, [collection]))[0];
}

/** @param nameOf the name of an index by its alias; undefined where it is not listed */
export async function list(
	client: QdrantClient,
	nameOf: (alias: string) => string | undefined,
): Promise<IndexEntry[]> {
	const [live, collections] = await Promise.all([aliases(client), collectionNames(client)]);
	const ours = [...live].filter(([alias, target]) => VERSION.exec(target)?.[1] === alias);
	const entries = await mapAll(ours, REQUESTS_AT_ONCE, async ([alias, target]): Promise<IndexEntry[]> => {
		const name = nameOf(alias);
		if (name === undefined) return [];
		const versions = await describe(client, alias, target, collections);
		const settings = versions.find((version) => version.live)?.settings;
		return settings ? [{ name, settings, versions }] : [];
	});
	return entries.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function remove(client: QdrantClient, collection: string): Promise<void> {
	await request('Removing the index', () => client.deleteCollection(collection));
	await request('Removing the index', () => client.deleteCollection(keysOf(collection)));
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

async function describe(
	client: QdrantClient,
	name: string,
	target: string,
	collections: readonly string[],
): Promise<CollectionVersion[]> {
	const own = collections.filter((collection) => VERSION.exec(collection)?.[1] === name);
	const versions = await mapAll(own, REQUESTS_AT_ONCE, async (collection): Promise<CollectionVersion[]> => {
		const info = await request(`Reading the index "${shownName(name)}"`, () =>
			client.getCollection(collection),
		).catch((thrown: unknown) => {
			if (thrown instanceof IndexError && thrown.kind === 'notFound') return undefined; // dropped meanwhile
			throw thrown;
		});
		const found = info && fromMetadata(info);
		const version = VERSION.exec(collection)?.[2];
		return found && version !== undefined
			? [{ ...found, version, live: collection === target, collection }]
			: [];
	});
	return versions.flat().sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

async function createCollection(
	client: QdrantClient,
	collection: string,
	name: string,
	settings: IndexSettings,
): Promise<boolean> {
	const { dimensions, layout = {} } = settings;
	const preset = PRESETS[settings.preset ?? 'balanced'];
	let made = true;
	try {
		await request(`Creating the index "${shownName(name)}"`, () =>
			client.createCollection(collection, {
				vectors: {
					[DENSE]: { size: dimensions, distance: 'Cosine', ...(preset.onDisk && { on_disk: true }) },
				},
				sparse_vectors: { [SPARSE]: { modifier: 'idf' } },
				hnsw_config: preset.hnsw,
				...(preset.quantization && { quantization_config: preset.quantization }),
				...(layout.shards !== undefined && { shard_number: layout.shards }),
				...(layout.replicas !== undefined && { replication_factor: layout.replicas }),
				metadata: { index: name, settings: JSON.stringify(settings), createdAt: new Date().toISOString() },
			}),
		);
	} catch (thrown) {
		if (!(thrown instanceof IndexError) || thrown.kind !== 'alreadyExists') throw thrown;
		made = false;
	}
	// Making them again changes nothing, and mends what a killed process left undone.
	for (const field of [FACETS, 'source', 'generation']) {
		await index(client, collection, name, { field_name: field, field_schema: 'keyword' });
	}
	if (layout.tenantField !== undefined) {
		const field_schema = { type: 'keyword', is_tenant: true } as const;
		await index(client, collection, name, { field_name: `metadata.${layout.tenantField}`, field_schema });
	}
	return made;
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

async function pointTo(client: QdrantClient, name: string, collection: string): Promise<void> {
	await request(`Pointing the name "${shownName(name)}" to its data`, () =>
		client.updateCollectionAliases({
			actions: [
				{ delete_alias: { alias_name: name } },
				{ create_alias: { collection_name: collection, alias_name: name } },
			],
		}),
	);
}

async function aliases(client: QdrantClient): Promise<Map<string, string>> {
	const found = await request('Reading the list of indexes', () => client.getAliases());
	return new Map(found.aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
}

async function collectionNames(client: QdrantClient): Promise<string[]> {
	const { collections } = await request('Reading the list of indexes', () => client.getCollections());
	return collections.map(({ name }) => name);
}

function fromMetadata({
	config,
}: Schemas['CollectionInfo']):
	| { settings: IndexSettings; createdAt: string; tuning?: SearchSettings }
	| undefined {
	const metadata = plainJson(config.metadata);
	if (!isObject(metadata) || typeof metadata.settings !== 'string') return undefined;
	const settings: unknown = JSON.parse(metadata.settings);
	if (!isSettings(settings)) return undefined;
	const { createdAt, tuning } = metadata;
	return {
		settings,
		createdAt: typeof createdAt === 'string' ? createdAt : '',
		...(isObject(tuning) && { tuning: toSearch(tuning) }),
	};
}

function toSearch({ exact, ef, refine }: { readonly [key: string]: unknown }): SearchSettings {
	return {
		...(typeof exact === 'boolean' && { exact }),
		...(typeof ef === 'number' && { ef }),
		...(typeof refine === 'number' && { refine }),
	};
}
