import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

const namesIn = (folder: string): string[] => {
	try {
		return readdirSync(folder);
	} catch {
		return []; // it has ended meanwhile
	}
};

/** Files below a folder that this process holds open, by path (Linux). */
export function openFiles(folder: string): string[] {
	return namesIn('/proc/self/fd')
		.map((name) => {
			try {
				return readlinkSync(`/proc/self/fd/${name}`);
			} catch {
				return '';
			}
		})
		.filter((file) => file.startsWith(folder + path.sep))
		.sort();
}

/** Processes that this one has started and that still run, by their id (Linux). */
export function children(): number[] {
	return namesIn('/proc')
		.filter((name) => /^\d+$/.test(name))
		.filter((pid) => {
			try {
				// The name of the program may hold blanks and brackets; state and parent follow the last bracket.
				const [state, parent] =
					readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)?.trim().split(' ') ?? [];
				return state !== 'Z' && Number(parent) === process.pid;
			} catch {
				return false;
			}
		})
		.map(Number);
}

/** Files below a folder that are being written, or are temporary. */
export const unfinishedFiles = (folder: string): string[] =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
		.filter((file) => /\.writing|\.partial|\.tmp$|[\\/]\.temporary[\\/]/.test(file));
