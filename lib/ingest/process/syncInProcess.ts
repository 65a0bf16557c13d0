import { on } from 'node:events';
import { openIndex } from '../../vectorIndex';
import type { CallContext } from '../../support';
import { DOCUMENT_LIMITS } from '../documents';
import { IngestError } from '../errors';
import { keyOfAddress } from '../later/notes';
import { syncCounted } from '../sync';
import type { DocumentOutcome, IngestDocument, SyncReport } from '../types';
import { batchesOf } from './batches';
import type { ProcessSyncOptions, RunAnswer, SentBatch } from './messages';
import { startProcessRun, SYNC_PROCESS, type ProcessRun } from './process';
import { receivedEmbedder } from './sentEmbedder';
import { fromSent } from './sentErrors';

type Documents = AsyncIterable<IngestDocument> | Iterable<IngestDocument>;

/**
 * `sync` into an embedded index with a built-in embedder, in a process of its own: without waiting for vectors it goes as fast as the machine
 * can, so that on the event loop of n8n nobody else would get a word in, and it would fill n8n's heap. Takes, yields,
 * returns and throws what `sync` does. Where no process can be had (or not the built package) it all happens here.
 *
 * @throws IngestError as `sync`, and `ended` when the process dies in the middle; IndexError `notFound`.
 */
export async function* syncInProcess(
	documents: Documents,
	options: ProcessSyncOptions,
	call: CallContext = {},
	processSettings = SYNC_PROCESS,
): AsyncGenerator<DocumentOutcome, SyncReport, undefined> {
	call.signal?.throwIfAborted();
	const total = Array.isArray(documents) ? documents.length : undefined;
	// A function cannot be sent; the process counts with the embedder's own counter.
	const run = options.chunking.countTokens ? undefined : startProcessRun(processSettings);
	const report = run && (yield* follow(run, documents, options, total, call));
	if (report) return report;
	const { address, embedder: sent, ...settings } = options;
	const index = await openIndex(address);
	const embedder = receivedEmbedder(sent, keyOfAddress(address));
	return yield* syncCounted(documents, total, { ...settings, index, embedder }, call);
}

/** Returns undefined when the process cannot be started; no document was read then. */
async function* follow(
	run: ProcessRun,
	documents: Documents,
	options: ProcessSyncOptions,
	total: number | undefined,
	{ signal, onProgress }: CallContext,
): AsyncGenerator<DocumentOutcome, SyncReport | undefined, undefined> {
	const batches = batchesOf(documents, { ...DOCUMENT_LIMITS, ...options.limits });
	// Fires when the documents cannot be read.
	const stop = new AbortController();
	const answers = on(run, 'answer', {
		close: ['end'],
		signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
	}) as AsyncIterable<[RunAnswer]>;
	let answered = false;
	try {
		await run.send({ type: 'start', options, total });
		for await (const [answer] of answers) {
			answered = true;
			if (answer.type === 'more') sendNext(run, batches).catch((error: unknown) => stop.abort(error));
			else if (answer.type === 'outcomes') yield* answer.outcomes;
			else if (answer.type === 'progress') onProgress?.(answer.progress);
			else if (answer.type === 'done') return answer.report;
			else throw fromSent(answer.error);
		}
	} catch (error) {
		signal?.throwIfAborted();
		stop.signal.throwIfAborted();
		throw error;
	} finally {
		void run.send({ type: 'leave' });
		run.close();
		void batches.return(undefined);
	}
	const { cause, reason } = run.ending ?? { cause: 'ended', reason: 'the channel to it was closed' };
	if (!answered && cause !== 'hung') return undefined;
	const hint = cause === 'hung' ? '' : ' Does the machine or container have enough memory?';
	throw new IngestError(
		'ended',
		`The process that stores the documents ended early: ${reason}. What is stored stays: run again, and the run continues where it stopped.${hint}`,
	);
}

async function sendNext(run: ProcessRun, batches: AsyncIterator<SentBatch, void>): Promise<void> {
	const batch = await batches.next();
	if (batch.done !== true) await run.send({ type: 'documents', ...batch.value });
}
