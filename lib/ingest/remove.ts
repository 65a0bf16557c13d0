import { slices } from '../support';
import { deleteDocuments } from './delete';
import { IngestError } from './errors';
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
	assertFew(unsent.length, run);
	if (run.preview) {
		yield* unsent;
		return;
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

/** Of fewer documents than this any part may go: a folder of three that loses two is nothing to stop for. */
const GUARDED_FROM = 10;

/** A listing that is cut off, or a loop that sends a part at a time, looks like an order to remove the rest. */
function assertFew(unsent: number, { maxRemoved, preview, tally }: Run): void {
	const before = tally.known + unsent;
	if (before < GUARDED_FROM || unsent <= before * maxRemoved) return;
	const percent = (share: number): string => `${Math.round(share * 100)} %`;
	const stored = preview ? '' : '; the documents that were sent are stored';
	throw new IngestError(
		'removal',
		`${unsent} of the ${before} documents in the index were not sent (${percent(unsent / before)}), and at most ${percent(maxRemoved)} may be deleted in one run. Nothing was deleted${stored}. If each run sends only a part of the documents (as in Loop Over Items), set Missing Documents to Keep, or send all of them in one run. If they are really gone, raise "Maximum Deletions (%)".`,
	);
}
