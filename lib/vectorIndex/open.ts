import type { Backend, OpenedVersion } from './backend';
import { IndexError } from './errors';
import { checkName } from './names';
import { checkCompatible, checkFormat, checkSettings } from './settings';
import { KEYWORD_ANALYSIS } from './terms';
import { shortened } from '../support';
import type {
	BuildPurpose,
	IndexAddress,
	IndexEntry,
	IndexPlace,
	IndexSettings,
	IndexVersion,
	VectorIndex,
} from './types';

export interface CreateOptions {
	/** What to do when the name is taken: reject with `alreadyExists` (default), or open it if it fits the settings. */
	readonly ifExists?: 'fail' | 'open';
}

/**
 * Makes an empty index.
 *
 * Errors: `invalidName`, `invalidSettings`, `alreadyExists`, with `ifExists: 'open'` also `fingerprintMismatch`.
 *
 * @example
 * const index = await createIndex({ backend: 'embedded', directory: '/data/indexes', name: 'handbook' },
 *   { model: 'all-minilm', dimensions: 384, fingerprint: 'f3c1…' });
 */
export async function createIndex(
	address: IndexAddress,
	settings: IndexSettings,
	{ ifExists = 'fail' }: CreateOptions = {},
): Promise<VectorIndex> {
	const name = checkName(address.name);
	checkSettings(settings);
	const backend = await backendOf(address);
	if (await backend.create(name, analysed(settings))) return backend.open(name);
	if (ifExists === 'open') return await openIndex(address, settings);
	throw new IndexError(
		'alreadyExists',
		`There is an index named "${name}" already. Choose another name, or open it.`,
	);
}

/**
 * Opens an index. With `expected`, also checks that it was built with that embedding.
 *
 * Errors: `invalidName`, `notFound`, `fingerprintMismatch`; `unsupported` where this platform lacks the embedded store.
 */
export async function openIndex(
	address: IndexAddress,
	expected: { readonly fingerprint?: string; readonly dimensions?: number; readonly model?: string } = {},
): Promise<VectorIndex> {
	const name = checkName(address.name);
	const backend = await backendOf(address);
	const found = await findVersion(backend, name, address.version);
	checkCompatible(name, found.settings, expected);
	return found.index;
}

/** The names of the indexes of a place, in order. */
export async function listIndexes(place: IndexPlace): Promise<string[]> {
	return (await describeIndexes(place)).map(({ name }) => name);
}

/** The indexes of a place with their settings and versions, by name. */
export async function describeIndexes(place: IndexPlace): Promise<IndexEntry[]> {
	return await (await backendOf(place)).list();
}

/**
 * Removes an index with all its versions, its manifest and its settings.
 *
 * @param confirm must be the name of the index; anything else is refused with `invalidQuery`.
 */
export async function dropIndex(address: IndexAddress, confirm: string): Promise<void> {
	const name = checkName(address.name);
	if (confirm !== name) {
		throw new IndexError(
			'invalidQuery',
			`Nothing was removed: to confirm, type the name of the index, "${name}".`,
		);
	}
	const backend = await backendOf(address);
	await backend.open(name, address.version).drop();
}

/** The versions of an index, oldest first. Errors: `notFound`. */
export async function listVersions(address: IndexAddress): Promise<IndexVersion[]> {
	const name = checkName(address.name);
	return await versionsOf(await backendOf(address), name);
}

/**
 * Makes an empty version beside the live one, with settings of its own, and opens it. Readers of the name see nothing
 * of it until `switchVersion`; write to both meanwhile. For a `restore` there need be no live version.
 */
export async function createVersion(
	address: IndexAddress,
	settings: IndexSettings,
	purpose: BuildPurpose = 'migration',
): Promise<VectorIndex> {
	const name = checkName(address.name);
	checkSettings(settings);
	const backend = await backendOf(address);
	if (purpose === 'migration') await versionsOf(backend, name);
	return backend.open(name, await backend.createVersion(name, analysed(settings), purpose));
}

/**
 * Points the name to a version, in one step: every reader has either the old or the new one, within a second the new.
 * The old version stays, for going back, until `dropIndex` is called with its `version`.
 *
 * @param ifLive only if the name points to this version now, or (`null`) to none; otherwise refuses with `conflict` or `alreadyExists`
 */
export async function switchVersion(
	address: IndexAddress & { readonly version: string },
	{ ifLive }: { readonly ifLive?: string | null } = {},
): Promise<void> {
	const name = checkName(address.name);
	const backend = await backendOf(address);
	if (await backend.switchTo(name, address.version, ifLive)) return;
	if (typeof ifLive === 'string') {
		throw new IndexError(
			'conflict',
			`The index "${name}" was switched to another version meanwhile, by Migrate, Roll Back or Restore. That one stays; run it again.`,
		);
	}
	throw new IndexError(
		'alreadyExists',
		`Another index named "${name}" was made meanwhile. Choose another name, or replace it.`,
	);
}

function analysed(settings: IndexSettings): IndexSettings {
	return { ...settings, keywordAnalysis: KEYWORD_ANALYSIS };
}

async function versionsOf(backend: Backend, name: string): Promise<IndexVersion[]> {
	const versions = await backend.versions(name);
	if (versions) return versions;
	throw new IndexError(
		'notFound',
		(await backend.remains(name)) ??
			`There is no index named "${name}". Create it first, or check the name and the place.`,
	);
}

async function findVersion(
	backend: Backend,
	name: string,
	version: string | undefined,
): Promise<OpenedVersion> {
	const found = await backend.find(name, version);
	if (found) {
		checkFormat(name, found.format);
		return found;
	}
	await versionsOf(backend, name);
	throw new IndexError(
		'notFound',
		`The index "${name}" has no ${version === undefined ? 'live version' : `version "${shortened(version, 80)}"`}.`,
	);
}

async function backendOf(place: IndexPlace): Promise<Backend> {
	if (place.backend === 'embedded') {
		const { embeddedBackend } = await import('./embedded/index.js');
		return embeddedBackend(place);
	}
	if (place.backend === 'qdrant') {
		const { qdrantBackend } = await import('./qdrant/index.js');
		return qdrantBackend(place);
	}
	throw new IndexError('invalidSettings', 'The backend of an index must be "embedded" or "qdrant".');
}
