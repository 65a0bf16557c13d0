import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Private text lies in all of our files: only the user that n8n runs as may read them. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;
const OTHERS = 0o077;
/** LanceDB writes with the rights of the process; its new files are put right this often while a folder is used. */
const AGAIN_MS = 30_000;

const repaired = new Map<string, number>();

/**
 * Makes a folder of ours with its parents, for this user alone, and puts the rights of what is in it right: once at the first use in
 * a process, then at most every half minute, in the background.
 */
export async function privateFolder(folder: string): Promise<void> {
	await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
	await chmodIfOpen(folder, PRIVATE_FOLDER);
	const last = repaired.get(folder);
	if (last !== undefined && performance.now() - last < AGAIN_MS) return;
	repaired.set(folder, performance.now());
	const walking = repairRights(folder);
	// The first time it is waited for: what an earlier version left open is closed before anything is added.
	if (last === undefined) await walking;
	else walking.catch((error: unknown) => process.emitWarning(error instanceof Error ? error : String(error)));
}

/** Takes all rights of others from a folder of ours and everything in it; links are left alone. */
export async function repairRights(folder: string): Promise<void> {
	await chmodIfOpen(folder, PRIVATE_FOLDER);
	for (const entry of await readdir(folder, { withFileTypes: true }).catch(nothingIfGone)) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) await repairRights(path);
		else if (entry.isFile()) await chmodIfOpen(path, PRIVATE_FILE);
	}
}

async function chmodIfOpen(path: string, mode: number): Promise<void> {
	// Windows has no such rights; a file of ours is then protected by the folder of its user.
	if (process.platform === 'win32') return;
	try {
		if (((await lstat(path)).mode & OTHERS) !== 0) await chmod(path, mode);
	} catch (thrown) {
		nothingIfGone(thrown);
	}
}

/** Gone meanwhile, or of another user: then it is not ours to change. */
function nothingIfGone(thrown: unknown): [] {
	const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
	if (code === 'ENOENT' || code === 'EPERM' || code === 'EACCES' || code === 'ENOTDIR') return [];
	throw thrown;
}
