import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isObject, parseJson } from './json';
import { PRIVATE_FILE, PRIVATE_FOLDER } from './privateFiles';
import { shortened } from './text';

/** How often a process that uses a folder says so and looks who else does. */
const LOOK_MS = 20_000;
/** One that was seen at work counts for so long. */
const WORKING_MS = 10 * 60_000;
/** Marks of machines that have not been seen for so long are removed. */
const FORGET_MS = 7 * 24 * 3_600_000;
const MAX_MACHINES = 100;

export interface Machine {
	/** The same for all containers and processes of one machine. */
	readonly id: string;
	/** For people. */
	readonly name: string;
}

let own: Promise<Machine> | undefined;

/**
 * On Linux a machine is its running kernel: containers get a new host name at each start, and share the kernel with others that may
 * use the folder too. Elsewhere it is the host name.
 */
export function thisMachine(): Promise<Machine> {
	own ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
		(boot) => ({ id: idOf(boot.trim()), name: hostname() }),
		() => ({ id: idOf(hostname()), name: hostname() }),
	);
	return own;
}

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * Finds out whether other machines use a folder at the same time. Each leaves a file and touches it while it works. A file that stays
 * as it is means nothing: its machine was replaced, restarted or moved to another host. Only one that changes while we look is of a
 * machine at work.
 */
export class MachineWatch {
	private readonly seen = new Map<string, { touched: number; working?: number; name: string }>();
	private lookedAt = -Infinity;

	/** @param machine the one that is watching; a test has several */
	constructor(
		private readonly folder: string,
		private readonly machine: Promise<Machine> = thisMachine(),
	) {}

	/** Looks unless it has just done so. Rejects when the folder cannot be written. */
	async look(now = performance.now()): Promise<void> {
		if (now - this.lookedAt < LOOK_MS) return;
		this.lookedAt = now;
		const { id, name } = await this.machine;
		const place = path.join(this.folder, 'machines');
		await mkdir(place, { recursive: true, mode: PRIVATE_FOLDER });
		await writeFile(path.join(place, `${id}.json`), JSON.stringify({ name }), { mode: PRIVATE_FILE });
		const files = (await readdir(place)).filter((file) => /^[0-9a-f]{16}\.json$/.test(file));
		for (const file of files.slice(0, MAX_MACHINES)) {
			if (file !== `${id}.json`) await this.lookAt(path.join(place, file), now);
		}
	}

	private async lookAt(file: string, now: number): Promise<void> {
		const found = await stat(file).catch(() => undefined); // removed meanwhile
		if (!found) return;
		const before = this.seen.get(file);
		if (before?.touched === found.mtimeMs) return;
		if (Date.now() - found.mtimeMs > FORGET_MS) {
			await rm(file, { force: true });
			return;
		}
		const content = parseJson(await readFile(file, 'utf8').catch(() => ''));
		const name =
			isObject(content) && typeof content.name === 'string' ? shortened(content.name, 80) : 'unknown';
		this.seen.set(file, { touched: found.mtimeMs, name, ...(before && { working: now }) });
	}

	/** Names of other machines that used the folder in the last ten minutes, while this one did. */
	others(now = performance.now()): string[] {
		return [...this.seen.values()].flatMap(({ working, name }) =>
			working !== undefined && now - working < WORKING_MS ? [name] : [],
		);
	}
}
