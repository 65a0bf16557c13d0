import { openToTidy, TIDY_CACHES, tidyingGate, type Table } from '../lance';
import { isUrl, type Place } from '../place';
import { tidyInProcess } from './process';
import { unreadBefore } from './readers';

/** From this many rows on tidying takes seconds and hundreds of megabytes: more than starting a process (0.2 s). */
const LARGE = 20_000;

/** Merges a table's files, brings its indexes up to date, removes old versions. Throws what LanceDB throws. */
export function createTidier(place: Place, table: string): (rows: number) => Promise<void> {
	let opening: Promise<Table> | undefined;

	async function opened(): Promise<Table> {
		opening ??= openToTidy(place, table);
		opening.catch(() => (opening = undefined));
		return await opening;
	}

	return async (rows) => {
		await tidyingGate(async () => {
			// An object store's options may be in our environment, which the process does not get.
			const alone = rows >= LARGE && !isUrl(place.directory);
			const task = { directory: place.directory, table, caches: TIDY_CACHES };
			if (!alone || !(await tidyInProcess(task))) await (await opened()).optimize();
			// By itself: LanceDB takes the time off its own clock when it comes to it, which merging can delay by minutes.
			await (await opened()).optimize({ cleanupOlderThan: await unreadBefore(place, table, await opened()) });
		});
	};
}
