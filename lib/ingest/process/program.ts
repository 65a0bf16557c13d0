/**
 * The program of the process that syncs (see process.ts). It ends with the process that started it; what it was writing
 * then is repaired by the next run, as after any kill.
 */
import { EventEmitter, on } from 'node:events';
import { openIndex } from '../../vectorIndex';
import { connectToParent } from '../../support';
import { IngestError } from '../errors';
import { keyOfAddress } from '../later/notes';
import { syncCounted } from '../sync';
import type { DocumentOutcome, IngestDocument } from '../types';
import type { Addressed, RunAnswer, RunMessage, SentBatch, SentDocument } from './messages';
import { receivedEmbedder } from './sentEmbedder';
import { toSent } from './sentErrors';

type Start = Extract<RunMessage, { type: 'start' }>;

/** One run: what arrives for it, and how it answers. */
class ServedRun {
	readonly left = new AbortController();
	private readonly arrived = new EventEmitter();
	private outcomes: DocumentOutcome[] = [];

	constructor(private readonly id: number) {}

	take(batch: SentBatch): void {
		this.arrived.emit('batch', batch);
	}

	async serve({ options, total }: Start): Promise<void> {
		try {
			const { address, embedder: sent, ...settings } = options;
			const index = await openIndex(address);
			const run = syncCounted(
				this.documents(),
				total,
				{ ...settings, index, embedder: receivedEmbedder(sent, keyOfAddress(address)) },
				{ signal: this.left.signal, onProgress: (progress) => this.tell({ type: 'progress', progress }) },
			);
			let step = await run.next();
			for (; !step.done; step = await run.next()) this.collect(step.value);
			this.flush();
			this.tell({ type: 'done', report: step.value });
		} catch (thrown) {
			this.flush();
			this.tell({ type: 'failed', error: toSent(thrown) });
		}
	}

	/** The documents as they arrive; the next batch is on its way while one is worked on. */
	private async *documents(): AsyncGenerator<IngestDocument, void, undefined> {
		const batches = on(this.arrived, 'batch') as AsyncIterable<[SentBatch]>;
		this.tell({ type: 'more' });
		for await (const [{ documents, last }] of batches) {
			if (!last) this.tell({ type: 'more' });
			yield* documents.map(unpack);
			if (last) return;
		}
	}

	/** Outcomes that come at once go in one message. */
	private collect(outcome: DocumentOutcome): void {
		if (this.outcomes.push(outcome) === 1) setImmediate(() => this.flush());
	}

	private flush(): void {
		if (this.outcomes.length === 0) return;
		this.tell({ type: 'outcomes', outcomes: this.outcomes });
		this.outcomes = [];
	}

	private tell(message: RunAnswer): void {
		void send({ run: this.id, message });
	}
}

function unpack({ document, refused }: SentDocument): IngestDocument {
	return refused === undefined ? document : { ...document, file: { data: unreadable(refused) } };
}

/** A file that fails as it did when it was read. */
function unreadable(reason: string): AsyncIterable<Uint8Array> {
	const next = (): Promise<never> => Promise.reject(new IngestError('document', reason));
	return { [Symbol.asyncIterator]: () => ({ next }) };
}

const runs = new Map<number, ServedRun>();

const send = connectToParent<Addressed<RunMessage>, Addressed<RunAnswer>>(({ run: id, message }) => {
	if (message.type === 'start') {
		const run = new ServedRun(id);
		runs.set(id, run);
		void run.serve(message).finally(() => runs.delete(id));
	} else if (message.type === 'documents') runs.get(id)?.take(message);
	else runs.get(id)?.left.abort(new Error('The caller of the sync has left'));
});
