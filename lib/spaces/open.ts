import { timingSafeEqual } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../support';
import { SpaceError } from './errors';
import { addSpace, dropFolder, readSpace, replaceSpace, type SpaceFile } from './files';
import { bytesOf, checkKey, opens, storedKeyOf } from './keys';
import { ADMINISTRATOR, checkSpaceName } from './names';

/** An opened space: whoever has one may use everything in it. */
export interface Space {
	/** Empty for the default space. */
	readonly name: string;
	/** Folder of its data on this machine. */
	readonly folder: string;
	/** Twelve hex digits, part of its names on servers; absent for the default space. */
	readonly id?: string;
}

/** What a credential holds. */
export interface SpaceKey {
	readonly name: string;
	readonly key: string;
}

/** The space of those who have no key. @throws SpaceError `spaceClosed` */
export function defaultSpace(dataFolder: string, { closed }: { readonly closed: boolean }): Space {
	if (!closed) return { name: '', folder: dataFolder };
	throw new SpaceError(
		'spaceClosed',
		'The default space is closed on this n8n. Select a Local Engine Space API credential in this node.',
	);
}

/**
 * Opens a space with its key, and creates it when there is none of that name. The key is checked with scrypt once in a process,
 * later openings compare a MAC; what another process changed is seen at once.
 *
 * @param dataFolder the pack's folder on this machine
 * @throws SpaceError `invalidName`, `invalidKey`, `refused`, `damaged`
 */
export async function openSpace(dataFolder: string, { name, key }: SpaceKey): Promise<Space> {
	return spaceOf(dataFolder, await openedFile(dataFolder, { name, key }));
}

/** Replaces the key: from now on only the new one opens the space. @throws SpaceError as {@link openSpace} */
export async function changeKey(
	dataFolder: string,
	{ name, previousKey, key }: SpaceKey & { readonly previousKey: string },
): Promise<Space> {
	checkKey(key);
	const file = await readSpace(folderOf(dataFolder, name), name);
	// A space is created by opening it, never by changing a key: a mistyped name would leave the old key in force.
	if (!file || !(await opens(file.key, previousKey))) throw refused(name);
	await replaceSpace(folderOf(dataFolder, name), { ...file, key: await storedKeyOf(key) });
	return spaceOf(dataFolder, file);
}

/** Deletes a space with everything in its folder. @throws SpaceError `notConfirmed` and as {@link openSpace} */
export async function dropSpace(dataFolder: string, given: SpaceKey, confirm: string): Promise<void> {
	const { name, folder } = await openSpace(dataFolder, given);
	if (confirm !== name)
		throw new SpaceError(
			'notConfirmed',
			`Nothing was deleted: to confirm, enter the name of the space, "${name}".`,
		);
	await dropFolder(folder);
}

export interface ListedSpace {
	readonly name: string;
	/** This and the next are absent for a damaged one. */
	readonly id?: string;
	readonly createdAt?: string;
	/** Of all files in its folder. */
	readonly bytes: number;
	/** Why it cannot be opened. */
	readonly damaged?: string;
}

/**
 * All spaces on this machine, for the administrator of n8n.
 *
 * @param administratorKey what the host says is the administrator's key; without one nobody can list
 * @throws SpaceError `refused`
 */
export async function listSpaces(
	dataFolder: string,
	{ name, key }: SpaceKey,
	administratorKey: string | undefined,
): Promise<ListedSpace[]> {
	if (name !== ADMINISTRATOR || !isSame(key, administratorKey ?? ''))
		throw new SpaceError(
			'refused',
			`Spaces are listed for the administrator only: with a Local Engine Space API credential whose space is "${ADMINISTRATOR}", and whose key is the one that the administrator of n8n has set (see docs/spaces.md).`,
		);
	const names = (await readdir(spacesIn(dataFolder)).catch(() => [])).filter((each) => !each.startsWith('.'));
	const found: ListedSpace[] = [];
	for (const each of names.sort()) {
		const folder = folderOf(dataFolder, each);
		const file = await readSpace(folder, each).catch((thrown: unknown) => {
			if (thrown instanceof SpaceError) return thrown;
			throw thrown;
		});
		// One that is damaged does not hide the others.
		if (file instanceof SpaceError)
			found.push({ name: each, bytes: await bytesIn(folder), damaged: file.message });
		else if (file)
			found.push({ name: each, id: file.id, createdAt: file.createdAt, bytes: await bytesIn(folder) });
	}
	return found;
}

async function openedFile(dataFolder: string, { name, key }: SpaceKey): Promise<SpaceFile> {
	checkSpaceName(name);
	checkKey(key);
	const folder = folderOf(dataFolder, name);
	let file = await readSpace(folder, name);
	if (!file) {
		const [id, stored] = await Promise.all([bytesOf(name, key, 6), storedKeyOf(key)]);
		const createdAt = new Date().toISOString();
		await addSpace(folder, { name, id: id.toString('hex'), createdAt, key: stored });
		// Read again: another process may have been first, with another key.
		file = await readSpace(folder, name);
	}
	if (!file || !(await opens(file.key, key))) throw refused(name);
	return file;
}

const spacesIn = (dataFolder: string): string => join(dataFolder, 'spaces');

const folderOf = (dataFolder: string, name: string): string =>
	join(spacesIn(dataFolder), checkSpaceName(name));

const spaceOf = (dataFolder: string, { name, id }: SpaceFile): Space => ({
	name,
	id,
	folder: folderOf(dataFolder, name),
});

const refused = (name: string): SpaceError =>
	new SpaceError(
		'refused',
		`The space "${name}" cannot be opened with this key. Check the name and the key in the Local Engine Space API credential.`,
	);

const isSame = (given: string, expected: string): boolean =>
	expected !== '' && timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)));

async function bytesIn(folder: string): Promise<number> {
	let bytes = 0;
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		// A file that is deleted meanwhile counts nothing.
		bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
	}
	return bytes;
}
