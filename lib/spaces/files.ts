import { randomBytes } from 'node:crypto';
import { access, link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isObject, messageOf, parseJson, PRIVATE_FILE, privateFolder } from '../support';
import { SpaceError } from './errors';
import { isStoredKey, type StoredKey } from './keys';

/** `space.json` in the folder of a space: who may open it. */
export interface SpaceFile {
	readonly kind: 'n8n-nodes-local-engine/space';
	readonly version: 1;
	readonly name: string;
	/** Part of the names of its indexes and tables on servers. */
	readonly id: string;
	/** ISO 8601. */
	readonly createdAt: string;
	readonly key: StoredKey;
}

const KIND = 'n8n-nodes-local-engine/space';
const FILE = 'space.json';

/** The file of a space; undefined when there is no such space. @throws SpaceError `damaged` */
export async function readSpace(folder: string, name: string): Promise<SpaceFile | undefined> {
	let text: string;
	try {
		text = await readFile(join(folder, FILE), 'utf8');
	} catch (thrown) {
		if (!isObject(thrown) || thrown.code !== 'ENOENT') throw damaged(name, messageOf(thrown));
		if ((await filesIn(folder)).length === 0) return undefined;
		// Somebody's data without its lock: nobody may put a new one on it.
		if (!(await isThere(markOf(folder)))) throw damaged(name, `${FILE} is missing from its folder`);
		// A write that was on its way when the space was dropped has made its folder again.
		await removeFolder(folder);
		return undefined;
	}
	const file = parseJson(text);
	if (isObject(file) && file.kind === KIND && typeof file.version === 'number' && file.version > 1)
		throw damaged(name, 'it was written by a newer version of the nodes; update them');
	if (!isSpaceFile(file) || file.name !== name) throw damaged(name, `${FILE} in its folder is not its own`);
	return file;
}

/** Writes the file of a new space; of several at once, one is first and the others change nothing. */
export async function addSpace(folder: string, file: Omit<SpaceFile, 'kind' | 'version'>): Promise<void> {
	await written(folder, file, async (path) => {
		await link(path, join(folder, FILE)).catch((thrown: unknown) => {
			if (!isObject(thrown) || thrown.code !== 'EEXIST') throw thrown;
		});
		await rm(path, { force: true });
	});
	await rm(markOf(folder), { force: true });
}

/** Deletes the folder of a space. What is still being written into it is no damaged space, but is deleted at the next opening. */
export async function dropFolder(folder: string): Promise<void> {
	await writeFile(markOf(folder), '', { mode: PRIVATE_FILE });
	await removeFolder(folder);
}

/** Says that the space of that folder was dropped; until there is a new one of its name. */
const markOf = (folder: string): string => join(dirname(folder), `.was-${basename(folder)}`);

async function removeFolder(folder: string): Promise<void> {
	// Under another name first: nobody finds it half deleted.
	const gone = join(dirname(folder), `.dropped-${randomBytes(6).toString('hex')}`);
	await rename(folder, gone);
	await rm(gone, { recursive: true, force: true });
}

const isThere = async (path: string): Promise<boolean> =>
	await access(path).then(
		() => true,
		() => false,
	);

export async function replaceSpace(folder: string, file: SpaceFile): Promise<void> {
	await written(folder, file, (path) => rename(path, join(folder, FILE)));
}

async function written(
	folder: string,
	file: Omit<SpaceFile, 'kind' | 'version'>,
	publish: (path: string) => Promise<void>,
): Promise<void> {
	await privateFolder(folder);
	const path = join(folder, `.space.json.writing-${randomBytes(6).toString('hex')}`);
	const whole: SpaceFile = { ...file, kind: KIND, version: 1 };
	await writeFile(path, `${JSON.stringify(whole, undefined, '\t')}\n`, { mode: PRIVATE_FILE, flush: true });
	await publish(path);
}

/** What is in a folder but for files that a killed process began to write. */
async function filesIn(folder: string): Promise<string[]> {
	const names = await readdir(folder).catch((thrown: unknown) => {
		if (isObject(thrown) && thrown.code === 'ENOENT') return [];
		throw thrown;
	});
	return names.filter((name) => !name.startsWith('.'));
}

function isSpaceFile(value: unknown): value is SpaceFile {
	return (
		isObject(value) &&
		value.kind === KIND &&
		value.version === 1 &&
		typeof value.name === 'string' &&
		typeof value.id === 'string' &&
		/^[0-9a-f]{12}$/.test(value.id) &&
		typeof value.createdAt === 'string' &&
		isStoredKey(value.key)
	);
}

function damaged(name: string, why: string): SpaceError {
	return new SpaceError(
		'damaged',
		`The space "${name}" cannot be opened: ${why}. Restore the folder of the space from a backup, or ask your administrator.`,
	);
}
