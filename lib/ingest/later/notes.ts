import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { IndexAddress } from '../../vectorIndex';
import { isObject, parseJson, PRIVATE_FILE, PRIVATE_FOLDER, sha256 } from '../../support';

/*
 * A file for each index whose vectors are not complete, so that a process that is started later finds it. Of an index on a
 * server or in an object store there is none: what opens it is secret. Such an index is found when it is used.
 */

const ENDING = '.json';

/** The same for all addresses of one index, whatever opens it. */
export function keyOfAddress(address: IndexAddress): string {
	const place = address.backend === 'embedded' ? [address.directory] : [address.url, address.space ?? ''];
	return sha256(address.backend, ...place, address.name).slice(0, 32);
}

export async function writeNote(folder: string, address: IndexAddress): Promise<void> {
	if (
		address.backend !== 'embedded' ||
		address.storageOptions ||
		/^[a-z0-9+.-]{2,}:/i.test(address.directory)
	)
		return;
	const { backend, directory, name } = address;
	await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
	await writeFile(fileOf(folder, address), JSON.stringify({ backend, directory, name }), {
		mode: PRIVATE_FILE,
	});
}

export async function removeNote(folder: string, address: IndexAddress): Promise<void> {
	await rm(fileOf(folder, address), { force: true });
}

export async function readNotes(folder: string): Promise<IndexAddress[]> {
	const names = await readdir(folder).catch((thrown: unknown) => {
		if (isObject(thrown) && thrown.code === 'ENOENT') return [];
		throw thrown;
	});
	const found: IndexAddress[] = [];
	for (const name of names.filter((each) => each.endsWith(ENDING)).sort()) {
		const note = parseJson(await readFile(path.join(folder, name), 'utf8').catch(() => ''));
		// A note that a killed process did not finish is made again when its index is used.
		if (!isObject(note) || typeof note.directory !== 'string' || typeof note.name !== 'string') continue;
		found.push({ backend: 'embedded', directory: note.directory, name: note.name });
	}
	return found;
}

const fileOf = (folder: string, address: IndexAddress): string =>
	path.join(folder, keyOfAddress(address) + ENDING);
