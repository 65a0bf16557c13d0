import { slices } from '../support';
import type { VectorIndex } from '../vectorIndex';
import { deleteDocuments } from './delete';
import { IngestError } from './errors';
import { type ManifestRow, scanRows } from './manifest';
import type { Run } from './run';
import type { DocumentOutcome } from './types';

/** Sources removed between two outcomes: few enough to stop soon, enough to make the commits worth it. */
const BATCH_SIZE = 256;

/** What is removed, and how much of it may be. */
export interface Removal {
	readonly index: VectorIndex;
	/** Whether a document stays; its row is undefined where the manifest does not know it. */
	readonly keeps: (source: string, row: ManifestRow | undefined) => boolean;
	/** Documents of the index that stay. */
	readonly kept: number;
	/** Share (0–1) of the documents in the index that may go. */
	readonly maxRemoved: number;
	/** Only tells what would be removed. */
	readonly preview: boolean;
	/** What becomes of the other documents, for the error: "; the documents that were sent are stored". */
	readonly rest: string;
	readonly signal: AbortSignal | undefined;
}

/** Mirror mode: removes the sources that were not sent. */
export async function* removeUnsent(run: Run): AsyncGenerator<DocumentOutcome, void, undefined> {
	const { index, seen, tally, maxRemoved, preview, signal } = run;
	yield* removeOthers({
		...{ index, maxRemoved, preview, signal, kept: tally.known },
		keeps: (source) => seen.has(source),
		rest: preview ? '' : '; the documents that were sent are stored',
	});
}

/**
 * Removes the documents that do not stay, unless they are too many.
 * @throws IngestError `removal`; nothing was removed then
 */
export async function* removeOthers(removal: Removal): AsyncGenerator<DocumentOutcome, void, undefined> {
	const { index, keeps, signal } = removal;
	// The names are collected first: a store need not bear being changed while it is read.
	const unsent: DocumentOutcome[] = [];
	const known = new Set<string>();
	for await (const { source, row } of scanRows(index.manifest)) {
		signal?.throwIfAborted();
		known.add(source);
		if (!keeps(source, row)) unsent.push({ source, state: 'removed', chunks: row.chunks });
	}
	// Rows of documents that the manifest does not know (it was lost, or rows were put there by others).
	for (const [source, chunks] of await index.tally('source', { generation: { exists: true } })) {
		if (!known.has(source) && !keeps(source, undefined)) unsent.push({ source, state: 'removed', chunks });
	}
	assertFew(unsent.length, removal);
	if (removal.preview) {
		yield* unsent;
		return;
	}
	for (const batch of slices(unsent, BATCH_SIZE)) {
		signal?.throwIfAborted();
		await deleteDocuments(
			index,
			batch.map(({ source }) => source),
		);
		yield* batch;
	}
}

/** Of fewer documents than this any part may go: a folder of three that loses two is nothing to stop for. */
const GUARDED_FROM = 10;

/** A listing that is cut off, or a loop that sends a part at a time, looks like an order to remove the rest. */
function assertFew(unsent: number, { kept, maxRemoved, rest }: Removal): void {
	const before = kept + unsent;
	if (before < GUARDED_FROM || unsent <= before * maxRemoved) return;
	const percent = (share: number): string => `${Math.round(share * 100)} %`;
	throw new IngestError(
		'removal',
		`${unsent} of the ${before} documents in the index were not sent (${percent(unsent / before)}), and at most ${percent(maxRemoved)} may be deleted in one run. Nothing was deleted${rest}. If each run sends only a part of the documents (as in Loop Over Items), set Missing Documents to Keep, or send all of them in one run. If they are really gone, raise "Maximum Deletions (%)".`,
	);
}
