import { isObject } from '../support';
import {
	IndexError,
	type IndexAddress,
	type ManifestStore,
	openIndex,
	type VectorIndex,
} from '../vectorIndex';
import { deleteDocuments } from './delete';
import { scanRows } from './manifest';

/*
 * A cluster that has lost its quorum does not say whether readers were switched to the new version, and may do it long after the
 * migration has failed and writers have gone on in the old one. A process may also die at the moment of the switch. So the new version
 * remembers when both were the same, until what was stored in the old one since is carried over.
 */

const SWITCHING_KEY = 'migration:switched';

/** To be called while writers wait and both versions are the same, before the switch. */
export async function rememberSwitch(next: ManifestStore): Promise<void> {
	await next.put(new Map([[SWITCHING_KEY, { at: new Date().toISOString() }]]));
}

export async function forgetSwitch(next: ManifestStore): Promise<void> {
	await next.delete([SWITCHING_KEY]);
}

/** When a switch was tried of which nobody saw the end (ISO 8601); undefined where all is done. */
export async function unfinishedSwitch(live: ManifestStore): Promise<string | undefined> {
	const value = (await live.get([SWITCHING_KEY])).get(SWITCHING_KEY);
	return isObject(value) && typeof value.at === 'string' ? value.at : undefined;
}

/** The version before a migration; undefined where it was dropped. */
export async function openBefore(address: IndexAddress, version: unknown): Promise<VectorIndex | undefined> {
	if (typeof version !== 'string') return undefined;
	try {
		return await openIndex({ ...address, version });
	} catch (thrown) {
		if (thrown instanceof IndexError && thrown.kind === 'notFound') return undefined;
		throw thrown;
	}
}

/** Documents that were stored in the old version since, and not again in the new one. */
export async function storedSince(
	before: VectorIndex,
	live: VectorIndex,
	at: string,
): Promise<ReadonlySet<string>> {
	const now = await storedTimes(live);
	const late = [...(await storedTimes(before))].filter(
		([source, stored]) => stored >= at && stored > (now.get(source) ?? ''),
	);
	return new Set(late.map(([source]) => source));
}

/** Deletes what was deleted from the old version since. Resolves to the number of documents. */
export async function deleteGone(before: VectorIndex, live: VectorIndex, at: string): Promise<number> {
	const there = await storedTimes(before);
	const gone = [...(await storedTimes(live))].flatMap(([source, stored]) =>
		stored < at && !there.has(source) ? [source] : [],
	);
	await deleteDocuments(live, gone);
	return gone.length;
}

/** When each document was last stored. */
async function storedTimes({ manifest }: VectorIndex): Promise<Map<string, string>> {
	const times = new Map<string, string>();
	for await (const { source, row } of scanRows(manifest))
		if (row.state !== 'removing') times.set(source, row.storedAt ?? '');
	return times;
}
