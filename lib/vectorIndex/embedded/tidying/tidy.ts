import { isUrl, openToTidy, TIDY_CACHES, tidyingGate, type Place, type Table } from '../lance';
import { tidyInProcess } from './process';

/** Older versions are removed: long enough for a scan that is still on one, short enough not to fill the disk. */
const KEEP_VERSIONS_MS = 3 * 3_600_000;
/** From this many rows on tidying takes seconds and hundreds of megabytes: more than starting a process (0.2 s). */
const LARGE = 20_000;

/** Merges a table's files, brings its indexes up to date, removes old versions. Throws what LanceDB throws. */
export function createTidier(place: Place, table: string): (rows: number) => Promise<void> {
	let opening: Promise<Table> | undefined;

	async function tidyHere(cleanupOlderThan: Date): Promise<void> {
		opening ??= openToTidy(place, table);
		opening.catch(() => (opening = undefined));
		await (await opening).optimize({ cleanupOlderThan });
	}

	return async (rows) => {
		const before = Date.now() - KEEP_VERSIONS_MS;
		await tidyingGate(async () => {
			// An object store's options may be in our environment, which the process does not get.
			const alone = rows >= LARGE && !isUrl(place.directory);
			const task = { directory: place.directory, table, cleanupOlderThan: before, caches: TIDY_CACHES };
			if (!alone || !(await tidyInProcess(task))) await tidyHere(new Date(before));
		});
	};
}
