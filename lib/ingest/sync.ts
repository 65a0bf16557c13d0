import type { CallContext } from '../support';
import { classify, identify } from './classify';
import { embedGroups } from './embed';
import { gather } from './groups';
import { Progress } from './progress';
import { removeUnsent } from './remove';
import { startRun, type Run } from './run';
import { ahead } from './streams';
import type { DocumentOutcome, IngestDocument, SyncOptions, SyncReport } from './types';
import type { Identified } from './unpack';
import { Writer } from './writer';

/**
 * Brings an index in step with documents, as one stream: read, look up, cut, put context before each chunk, embed,
 * write. Yields the outcome of each document when it is done and returns a report.
 *
 * Documents whose text, metadata and settings are as before cost one look-up. A changed one is written beside the old
 * version, counted, and only then replaces it; vectors of unchanged chunks are taken over. Ids are made from content,
 * so killed runs are repaired by running again and runs at the same time write the same rows. A bad document fails
 * alone. Memory holds a handful of groups of 2,000 chunks and the documents they come from, whatever the input.
 *
 * @param documents anything iterable; it is read no faster than the index takes the chunks. Stopping (`return`, `break`)
 *   or the call's signal stops it.
 * @throws EmbeddingError `drift` (another embedding model); IngestError `invalidOptions`, `embedder` (it fails for every
 *   document), `removal` (too many documents were not sent), `moved` (the index was migrated meanwhile); IndexError when the index cannot be written.
 *
 * @example
 * const run = sync([{ source: 'a.md', text: '# A\n…' }], { index, embedder, chunking: { method: 'markdown', size: 1000 }, mode: 'add' });
 * for await (const outcome of run) console.log(outcome.source, outcome.state);
 */
export async function* sync(
	documents: AsyncIterable<IngestDocument> | Iterable<IngestDocument>,
	options: SyncOptions,
	call: CallContext = {},
): AsyncGenerator<DocumentOutcome, SyncReport, undefined> {
	return yield* syncCounted(
		documents,
		Array.isArray(documents) ? documents.length : undefined,
		options,
		call,
	);
}

/** `sync` of so many documents; `total` is undefined where nobody knows. */
export async function* syncCounted(
	documents: AsyncIterable<IngestDocument> | Iterable<IngestDocument>,
	total: number | undefined,
	options: SyncOptions,
	call: CallContext,
): AsyncGenerator<DocumentOutcome, SyncReport, undefined> {
	// Ends the stages that work ahead when the consumer leaves.
	const leaving = new AbortController();
	const signal = call.signal ? AbortSignal.any([call.signal, leaving.signal]) : leaving.signal;
	signal.throwIfAborted();
	const progress = new Progress(call.onProgress, total);
	try {
		const run = await startRun(options, signal, progress);
		return yield* runStages(identify(documents, run), run);
	} finally {
		leaving.abort(new Error('The consumer of the sync has left'));
	}
}

/** All stages after a document is identified; the caller ends the run's signal. */
export async function* runStages(
	documents: AsyncIterable<Identified>,
	run: Run,
): AsyncGenerator<DocumentOutcome, SyncReport, undefined> {
	if (run.preview) return yield* preview(documents, run);
	const writer = new Writer(run);
	const groups = ahead(gather(classify(documents, run), run));
	const embedded = ahead(embedGroups(writer.claiming(groups), run));
	// One group is made ready for the index while the one before is being written.
	const stored = ahead(writer.storing(embedded));
	for await (const outcomes of ahead(writer.finishing(stored))) {
		for (const outcome of outcomes) {
			run.tally.add(outcome);
			run.progress.documentDone(outcome.source);
			yield outcome;
		}
		run.signal.throwIfAborted();
	}
	for await (const outcome of remove(run)) {
		run.tally.add(outcome);
		yield outcome;
	}
	return run.tally.report();
}

/** What the stages would do. */
async function* preview(
	documents: AsyncIterable<Identified>,
	run: Run,
): AsyncGenerator<DocumentOutcome, SyncReport, undefined> {
	for await (const item of classify(documents, run)) {
		const outcome = 'outcome' in item ? item.outcome : item.work.outcome();
		run.tally.add(outcome);
		run.progress.documentDone(outcome.source);
		yield outcome;
	}
	for await (const outcome of remove(run)) {
		run.tally.add(outcome);
		yield outcome;
	}
	return run.tally.report();
}

/** Runs `sync` to its end and resolves to the report. */
export async function syncAll(...parameters: Parameters<typeof sync>): Promise<SyncReport> {
	const outcomes = sync(...parameters);
	for (;;) {
		const result = await outcomes.next();
		if (result.done === true) return result.value;
	}
}

/** What was not sent is removed only if it is certain that everything was sent. */
async function* remove(run: Run): AsyncGenerator<DocumentOutcome, void, undefined> {
	if (run.mode !== 'mirror') return;
	if (run.tally.failures > 0) run.tally.removalSkipped = 'failures';
	// An empty listing is more often a broken one than an order to empty the index.
	else if (run.seen.size === 0) run.tally.removalSkipped = 'noDocuments';
	else yield* removeUnsent(run);
}
