import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asObject, parseJson, PRIVATE_FILE, privateFolder, type UnknownObject } from '../support';

/** Entries are small: one is a job, or what is known of a report. */
const MAX_ENTRY_BYTES = 64 * 1024;
const ID = /^\d{8}T\d{6}-[0-9a-f]{12}$/;

/** A new name; names sort by time. */
export const newId = (at = new Date()): string =>
	`${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}-${randomBytes(6).toString('hex')}`;

export const isId = (text: string): boolean => ID.test(text);

/** Writes a file whole or not at all, for this user alone. */
export async function writeWhole(file: string, text: string): Promise<void> {
	await privateFolder(path.dirname(file));
	const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
	await writeFile(temporary, text, { mode: PRIVATE_FILE });
	await rename(temporary, file);
}

/** The text of a file; undefined where there is none. */
export async function readWhole(file: string): Promise<string | undefined> {
	return await readFile(file, 'utf8').catch((thrown: unknown) => {
		if (isGone(thrown)) return undefined;
		throw thrown;
	});
}

/** The names of all entries of a folder, the newest first; files of other kinds do not count. */
export async function idsIn(folder: string): Promise<string[]> {
	const names = await readdir(folder).catch((thrown: unknown) => {
		if (isGone(thrown)) return [];
		throw thrown;
	});
	const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
	return ids.filter(isId).sort().reverse();
}

/** An entry; undefined where it is gone meanwhile or is none of ours. */
export async function entryOf(folder: string, id: string): Promise<UnknownObject | undefined> {
	const text = await readWhole(path.join(folder, `${id}.json`));
	return text === undefined || text.length > MAX_ENTRY_BYTES ? undefined : asObject(parseJson(text));
}

/** Removes all entries but the newest, with their other files. */
export async function keepNewest(
	folder: string,
	count: number,
	others: readonly string[] = [],
): Promise<void> {
	for (const id of (await idsIn(folder)).slice(count)) {
		for (const extension of [...others, '.json'])
			await rm(path.join(folder, `${id}${extension}`), { force: true });
	}
}

const isGone = (thrown: unknown): boolean =>
	typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ENOENT';
