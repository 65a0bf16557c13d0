import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isObject, parseJson } from './json';
import { PRIVATE_FILE, PRIVATE_FOLDER } from './privateFiles';

/** The holder touches the file this often; one that has not been touched for so long is that of a process that ended. */
const BEAT_MS = 5_000;
const STALE_MS = 30_000;

/** One of the processes that share a folder is the only one that does something, until it lets go or ends. */
export interface Lease {
	/** Fires when another process has taken it over because this one fell silent. */
	readonly lost: AbortSignal;
	release(): Promise<void>;
}

/**
 * Takes the lease that a file stands for; undefined while another process holds it. One of a process that was killed is taken
 * over: at once on the same machine, after half a minute elsewhere. Two processes that take over at the very same moment may
 * hold it both for a few seconds; the work must bear that.
 */
export async function takeLease(file: string): Promise<Lease | undefined> {
	const id = randomUUID();
	await mkdir(path.dirname(file), { recursive: true, mode: PRIVATE_FOLDER });
	if (!(await make(file, id)) && !((await removeStale(file)) && (await make(file, id)))) return undefined;
	const lost = new AbortController();
	const beat = setInterval(() => {
		touch(file, id).then(
			(isOurs) => {
				if (!isOurs) lost.abort(new Error('Another process goes on with it'));
			},
			(thrown: unknown) => lost.abort(thrown),
		);
	}, BEAT_MS).unref();
	return {
		lost: lost.signal,
		async release() {
			clearInterval(beat);
			if ((await holderOf(file))?.id === id) await rm(file, { force: true });
		},
	};
}

interface Holder {
	readonly id: unknown;
	readonly pid: unknown;
	readonly host: unknown;
}

async function make(file: string, id: string): Promise<boolean> {
	try {
		const holder = JSON.stringify({ id, pid: process.pid, host: hostname() });
		await writeFile(file, holder, { flag: 'wx', mode: PRIVATE_FILE });
		return true;
	} catch (thrown) {
		if (codeOf(thrown) === 'EEXIST') return false;
		throw thrown;
	}
}

/** Moved away first: of several that find it stale one succeeds. */
async function removeStale(file: string): Promise<boolean> {
	const holder = await holderOf(file);
	const touched = await stat(file).catch(() => undefined);
	if (!touched) return true;
	if (Date.now() - touched.mtimeMs < STALE_MS && !(holder && hasEnded(holder))) return false;
	const away = `${file}.${randomUUID()}`;
	try {
		await rename(file, away);
		await rm(away, { force: true });
		return true;
	} catch (thrown) {
		if (codeOf(thrown) === 'ENOENT') return false;
		throw thrown;
	}
}

/** Only said of a process of this machine. */
function hasEnded({ pid, host }: Holder): boolean {
	if (host !== hostname() || typeof pid !== 'number') return false;
	try {
		process.kill(pid, 0);
		return false;
	} catch (thrown) {
		return codeOf(thrown) === 'ESRCH';
	}
}

async function touch(file: string, id: string): Promise<boolean> {
	if ((await holderOf(file))?.id !== id) return false;
	await utimes(file, new Date(), new Date());
	return true;
}

async function holderOf(file: string): Promise<Holder | undefined> {
	const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
		if (codeOf(thrown) === 'ENOENT') return '';
		throw thrown;
	});
	// Not whole at the moment when it is being made.
	const holder = parseJson(text);
	return isObject(holder) ? { id: holder.id, pid: holder.pid, host: holder.host } : undefined;
}

function codeOf(thrown: unknown): unknown {
	return isObject(thrown) ? thrown.code : undefined;
}
