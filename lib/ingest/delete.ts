import { randomUUID } from 'node:crypto';
import { callSignal, slices } from '../support';
import type { Filter, VectorIndex } from '../vectorIndex';
import { normalSource } from './documents';
import { assertHere } from './elsewhere';
import { keyOf, readRows, writeRows } from './manifest';
import { betweenSwitches } from './singleRows';

/** Sources whose manifest rows are changed with one call. */
const BATCH_SIZE = 256;

/**
 * Deletes whole documents: their points, however they were written, and what the manifest knows of them.
 *
 * @returns the number of points removed
 * @throws IndexError when the index cannot be written; running it again completes the work
 */
export async function deleteDocuments(index: VectorIndex, sources: readonly string[]): Promise<number> {
	await assertHere(index.manifest);
	let deleted = 0;
	// What was written by other programs may have names of any form.
	const names = [...new Set(sources.flatMap((source) => [source, normalSource(source)]))];
	for (const batch of slices(names, BATCH_SIZE)) {
		deleted += await betweenSwitches(index.manifest, callSignal(), async () => {
			await markRemoving(index, batch);
			const rows = await index.delete({ filter: { source: { in: batch } } });
			await index.manifest.delete(batch.map(keyOf));
			return rows;
		});
	}
	return deleted;
}

/**
 * Deletes single points. The documents they belong to are no longer taken for complete, so that sending such a
 * document again brings its points back instead of finding it unchanged.
 *
 * @returns the number of points removed
 * @throws IndexError `invalidFilter` for an empty filter (which would mean everything)
 */
export async function deletePoints(
	index: VectorIndex,
	what: { readonly ids: readonly string[] } | { readonly filter: Filter },
): Promise<number> {
	await assertHere(index.manifest);
	return await betweenSwitches(index.manifest, callSignal(), async () => {
		const sources = new Set<string>();
		if ('ids' in what) for (const { source } of await index.get(what.ids)) sources.add(source);
		else for await (const { source } of index.scan(what.filter)) sources.add(source);
		for (const batch of slices([...sources], BATCH_SIZE)) await markRemoving(index, batch);
		return await index.delete(what);
	});
}

/** Written before the first point goes: a document sent again is then not mistaken for stored, even after a kill. */
async function markRemoving(index: VectorIndex, sources: readonly string[]): Promise<void> {
	const run = randomUUID();
	const rows = await readRows(index.manifest, sources);
	await writeRows(
		index.manifest,
		new Map([...rows].map(([source, row]) => [source, { ...row, state: 'removing' as const, run }])),
	);
}
