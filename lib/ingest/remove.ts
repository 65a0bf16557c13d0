import { slices } from '../support';
import { deleteDocuments } from './delete';
import { scanRows } from './manifest';
import type { Run } from './run';
import type { DocumentOutcome } from './types';

/** Sources removed between two outcomes: few enough to stop soon, enough to make the commits worth it. */
const BATCH_SIZE = 256;

/** Mirror mode: removes the sources that were not sent. */
export async function* removeUnsent(run: Run): AsyncGenerator<DocumentOutcome, void, undefined> {
	// The names are collected first: a store need not bear being changed while it is read.
	const unsent: DocumentOutcome[] = [];
	for await (const { source, row } of scanRows(run.index.manifest)) {
		run.signal.throwIfAborted();
		if (!run.seen.has(source)) unsent.push({ source, state: 'removed', chunks: row.chunks });
	}
	// Rows of documents that the manifest does not know (it was lost, or rows were put there by others).
	const known = new Set(unsent.map(({ source }) => source));
	for (const [source, chunks] of await run.index.tally('source', { generation: { exists: true } })) {
		if (!run.seen.has(source) && !known.has(source)) unsent.push({ source, state: 'removed', chunks });
	}
	for (const batch of slices(unsent, BATCH_SIZE)) {
		run.signal.throwIfAborted();
		await deleteDocuments(
			run.index,
			batch.map(({ source }) => source),
		);
		yield* batch;
	}
}
