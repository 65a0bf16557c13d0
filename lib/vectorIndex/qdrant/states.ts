import { createHash } from 'node:crypto';
import { isObject, stableJson } from '../../support';
import { IndexError } from '../errors';
import { isSettings } from '../settings';
import type { BuildPurpose, IndexSettings, IndexVersion, SearchSettings } from '../types';
import type { Schemas } from '@qdrant/js-client-rest';
import { type QdrantClient, request } from './client';
import { plainJson } from './json';
import { limitsOf, type Limits } from './limits';

/*
 * The name of an index is an alias; what it points to is a collection "<name>--<version>", with the manifest in
 * "<name>--<version>-keys". So a migration builds a second collection and moves the alias, which Qdrant does in one step.
 * The server has no other transaction: what an alias does not point to may be the rest of an interrupted call.
 */

const VERSION = /^(.+)--([0-9a-f]{12})(-keys)?$/;
/** The first version has a fixed id: of two creations at once, the server refuses one. */
const FIRST = '0'.repeat(12);

export interface CollectionVersion extends IndexVersion {
	readonly collection: string;
	readonly tuning?: SearchSettings;
	readonly limits: Limits;
}

/** What is on a server under the name of an index. */
export interface Found {
	/** The collection that the name points to. */
	readonly live?: string;
	/** Collections of versions, live or not, whose rows, manifest or both are there. */
	readonly collections: readonly string[];
	/** Those of which both are there. Making a version ends with its manifest, and removing it begins with that. */
	readonly whole: readonly string[];
	/** A collection or alias of that name that is not ours, in words. */
	readonly foreign?: string;
}

export function collectionOf(name: string, version: string): string {
	return `${name}--${version}`;
}

/** The collection that holds a version's manifest. */
export function keysOf(collection: string): string {
	return `${collection}-keys`;
}

/** Name and version of a collection of ours; undefined for others. */
export function partsOf(
	collection: string,
): { name: string; version: string; isManifest: boolean } | undefined {
	const [, name, version, keys] = VERSION.exec(collection) ?? [];
	return name === undefined || version === undefined
		? undefined
		: { name, version, isManifest: keys !== undefined };
}

/** Every alias with the collection it points to. */
export async function aliases(client: QdrantClient): Promise<Map<string, string>> {
	const found = await request('Reading the list of indexes', () => client.getAliases());
	return new Map(found.aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
}

export async function collectionNames(client: QdrantClient): Promise<string[]> {
	const { collections } = await request('Reading the list of indexes', () => client.getCollections());
	return collections.map(({ name }) => name);
}

export async function look(client: QdrantClient, name: string): Promise<Found> {
	const [pointers, all] = await Promise.all([aliases(client), collectionNames(client)]);
	const live = pointers.get(name);
	const collections = new Set<string>();
	for (const each of all) {
		const parts = partsOf(each);
		if (parts?.name === name) collections.add(collectionOf(name, parts.version));
	}
	const there = new Set(all);
	const isOurs = live !== undefined && isVersionOf(name, live);
	const foreign = foreignOf(name, all.includes(name), isOurs ? undefined : live);
	return {
		collections: [...collections].sort(),
		whole: [...collections].filter((each) => there.has(each) && there.has(keysOf(each))),
		...(isOurs && { live }),
		...(foreign !== undefined && { foreign }),
	};
}

/** Whether a collection holds the rows of a version of the index. */
export function isVersionOf(name: string, collection: string): boolean {
	const parts = partsOf(collection);
	return parts?.name === name && !parts.isManifest;
}

/** What is in the way of an index of the name, in words, if it is not ours. */
function foreignOf(name: string, isCollection: boolean, target: string | undefined): string | undefined {
	if (isCollection)
		return `The Qdrant server has a collection named "${name}" that is no index of this pack (n8n's own Qdrant node makes such ones). Choose another index name; the collection stays as it is.`;
	if (target !== undefined)
		return `On the Qdrant server "${name}" is an alias of the collection "${target}", which is no index of this pack. Choose another index name, or remove the alias on the server.`;
	return undefined;
}

/** The id of the first version: the same for all who see the same remains of an earlier index, and none of theirs. */
export function firstVersion(remains: readonly string[]): string {
	if (remains.length === 0) return FIRST;
	return createHash('sha256').update(remains.join('\n')).digest('hex').slice(0, FIRST.length);
}

/** The id of a version with these settings: the same for a migration that was interrupted while it made one, and the next. */
export function nextVersion(settings: IndexSettings): string {
	return createHash('sha256').update(stableJson(settings)).digest('hex').slice(0, FIRST.length);
}

/** What a collection's metadata and configuration tell. */
export interface Metadata {
	readonly format: number;
	readonly settings: IndexSettings;
	readonly createdAt: string;
	readonly building?: BuildPurpose;
	readonly tuning?: SearchSettings;
	readonly limits: Limits;
}

/** The metadata of one of our collections; undefined for others. */
export function fromMetadata(info: Schemas['CollectionInfo']): Metadata | undefined {
	const metadata = plainJson(info.config.metadata);
	if (!isObject(metadata) || typeof metadata.settings !== 'string') return undefined;
	const settings: unknown = JSON.parse(metadata.settings);
	if (!isSettings(settings)) return undefined;
	const { createdAt, tuning, format, building } = metadata;
	return {
		settings,
		limits: limitsOf(info),
		format: typeof format === 'number' ? format : 0,
		createdAt: typeof createdAt === 'string' ? createdAt : '',
		...((building === 'restore' || building === 'migration') && { building }),
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

/** Resolves to undefined where the collection, or what else is asked for, is not there. */
export async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
	return await work.catch((thrown: unknown) => {
		if (thrown instanceof IndexError && thrown.kind === 'notFound') return undefined;
		throw thrown;
	});
}
