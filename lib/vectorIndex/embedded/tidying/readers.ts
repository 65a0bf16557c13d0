import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../../support';
import type { Table } from '../lance';
import { isUrl, type Place } from '../place';

/*
 * Tidying removes versions that nobody reads any more. A search is done in milliseconds; whoever reads for longer (an export, a
 * snapshot) leaves a file that names the version, for all processes that use the folder.
 */

/** Versions stay for so long after another one took their place: longer than any search, and than a reader takes to leave its file. */
const KEEP_MS = 15_000;
/** An object store has no files of ours: long enough for an export. Also how long the file of a reader that died counts. */
const KEEP_LONG_MS = 3 * 3_600_000;
/** LanceDB's clock runs on between the question and the answer. */
const MARGIN_MS = 2_000;
const MARK_AFTER_MS = 5_000;
const FOLDER = '.readers';

/** Says that the table is being read from now on. Resolves to what is to be called when that is over. */
export async function beginReading(
	{ directory }: Place,
	name: string,
	table: Table,
): Promise<() => Promise<void>> {
	if (isUrl(directory)) return async () => undefined;
	const version = await table.version();
	const file = path.join(directory, FOLDER, `${name}~${version}~${randomUUID()}`);
	let marking: Promise<void> = Promise.resolve();
	const timer = setTimeout(() => {
		marking = mkdir(path.dirname(file), { recursive: true, mode: PRIVATE_FOLDER }).then(() =>
			writeFile(file, '', { mode: PRIVATE_FILE }),
		);
		// A folder that cannot be written is not tidied either.
		marking.catch(() => undefined);
	}, MARK_AFTER_MS).unref();
	return async () => {
		clearTimeout(timer);
		await marking.catch(() => undefined);
		await rm(file, { force: true });
	};
}

/** The time before which versions of a table may be removed: nobody reads them. */
export async function unreadBefore(place: Place, name: string, table: Table): Promise<Date> {
	const versions = await table.listVersions();
	const keep = isUrl(place.directory) ? KEEP_LONG_MS : KEEP_MS;
	// The version that was the newest so long ago may be in use since then; older ones are not, unless a reader says so.
	const current = versions
		.map(({ timestamp }) => timestamp.getTime())
		.filter((at) => at <= Date.now() - keep);
	let before = Math.max(0, ...current);
	const read = await versionsRead(place, name);
	for (const { version, timestamp } of versions)
		if (read.has(version)) before = Math.min(before, timestamp.getTime());
	return new Date(Math.max(0, before - MARGIN_MS));
}

async function versionsRead({ directory }: Place, name: string): Promise<Set<number>> {
	const versions = new Set<number>();
	if (isUrl(directory)) return versions;
	const folder = path.join(directory, FOLDER);
	const files = await readdir(folder).catch(() => []);
	for (const file of files) {
		const [table, version] = file.split('~');
		if (table !== name) continue;
		const found = await stat(path.join(folder, file)).catch(() => undefined);
		if (!found) continue;
		if (found.mtimeMs < Date.now() - KEEP_LONG_MS) await rm(path.join(folder, file), { force: true });
		else versions.add(Number(version));
	}
	return versions;
}

/** When the files of a table were last merged: its keyword index is written anew then. Undefined where that cannot be seen. */
export async function lastTidied({ directory }: Place, name: string): Promise<Date | undefined> {
	if (isUrl(directory)) return undefined;
	const folder = path.join(directory, `${name}.lance`, '_indices');
	const times: number[] = [];
	for (const each of await readdir(folder).catch(() => [])) {
		const found = await stat(path.join(folder, each)).catch(() => undefined);
		if (found) times.push(found.mtimeMs);
	}
	return times.length === 0 ? undefined : new Date(Math.max(...times));
}
