import type { VectorIndex } from '../index';
import { generationsOf, keyOf, readRows, scanRows, writeRows, type ManifestRow } from './manifest';
import type { Run } from './run';
import type { DocumentOutcome } from './types';

/** Sources removed with one delete. */
const batchSize = 256;

/** Mirror mode: removes the sources that were not sent. */
export async function* removeUnsent(run: Run): AsyncGenerator<DocumentOutcome, void, undefined> {
	// The names are collected first: a store need not bear being changed while it is read.
	const unsent: string[] = [];
	for await (const { source } of scanRows(run.index.manifest)) {
		run.signal.throwIfAborted();
		if (!run.seen.has(source)) unsent.push(source);
	}
	for (let at = 0; at < unsent.length; at += batchSize) {
		run.signal.throwIfAborted();
		yield* removeSources(run.index, unsent.slice(at, at + batchSize), run.id);
	}
}

/**
 * Removes sources with all their points. The manifest says `removing` before the first point goes: should the run die
 * in between, a document that is sent again is not mistaken for stored.
 */
export async function* removeSources(
	index: VectorIndex,
	sources: readonly string[],
	run: string,
): AsyncGenerator<DocumentOutcome, void, undefined> {
	const rows = await readRows(index.manifest, sources);
	const removing = new Map<string, ManifestRow>();
	for (const [source, row] of rows) removing.set(source, { ...row, state: 'removing', run });
	await writeRows(index.manifest, removing);
	await index.delete({ filter: { generation: { in: [...rows.values()].flatMap(generationsOf) } } });
	await index.manifest.delete([...rows.keys()].map(keyOf));
	for (const [source, row] of rows) yield { source, state: 'removed', chunks: row.chunks };
}
