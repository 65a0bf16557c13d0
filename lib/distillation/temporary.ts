import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../support';

/** Leftovers of killed runs are removed when nothing in them changed for so long; younger ones may belong to a run that works. */
const STALE_MS = 24 * 3600 * 1000;

async function lastChange(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true });
	const times = await Promise.all(
		['', ...entries].map(async (name) => (await stat(join(folder, name))).mtimeMs),
	);
	return Math.max(...times);
}

/** Removes what killed runs left in `parent` under names that begin with `prefix`. */
export async function removeStale(parent: string, prefix: string): Promise<void> {
	for (const name of await readdir(parent)) {
		if (!name.startsWith(prefix)) continue;
		const folder = join(parent, name);
		try {
			if (Date.now() - (await lastChange(folder)) > STALE_MS)
				await rm(folder, { recursive: true, force: true });
		} catch (thrown) {
			// Gone meanwhile: the run that owns it ended, or another one tidied up.
			if (!isObject(thrown) || thrown.code !== 'ENOENT') throw thrown;
		}
	}
}

/** A new folder for the files of one run (recorded texts: readable by this user alone); tidies up after killed runs. */
export async function temporaryFolder(parent: string, prefix: string): Promise<string> {
	await removeStale(parent, prefix);
	return await mkdtemp(join(parent, prefix));
}
