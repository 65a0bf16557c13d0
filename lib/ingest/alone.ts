import { setTimeout as sleep } from 'node:timers/promises';
import { isTooLong } from '../embedding';
import { messageOf } from '../support';
import { claim } from './claim';
import { embedPieces } from './embed';
import { IngestError } from './errors';
import type { GroupPiece } from './groups';
import type { Run } from './run';
import { settle } from './settle';
import { storePieces } from './store';
import type { Work } from './work';

/** Pieces of a document that are in memory at once. */
const PIECES = 256;
/** Documents in a row that fail to embed before the embedder, and not the documents, is held to be at fault. */
const HOPELESS = 3;
/** Times a document is written again when its rows do not add up because another run interferes. */
const MAX_REWRITES = 3;

/** Writes documents that went wrong in company, each by itself: what is at fault, document or embedder, is seen then. */
export class LoneWriter {
	private failedEmbeddings = 0;

	constructor(private readonly run: Run) {}

	/** Embedding has worked: failures are counted from here. */
	embeddingWorks(): void {
		this.failedEmbeddings = 0;
	}

	/** Writes one document from its beginning, apart from all others. */
	async write(work: Work): Promise<void> {
		work.alone = false;
		for (let attempt = 0; attempt <= MAX_REWRITES && work.failure === undefined; attempt++) {
			if (attempt > 0)
				await sleep(100 * 2 ** attempt * Math.random(), undefined, { signal: this.run.signal });
			await claim([work], this.run);
			if (work.doneElsewhere) return;
			await this.store(work);
			if (work.failure !== undefined) return;
			const unsettled = await settle([work], this.run);
			if (!unsettled.has(work)) return;
		}
		work.failure ??=
			'The rows in the index do not add up: another run keeps changing them. Run again when it is done.';
	}

	private async store(work: Work): Promise<void> {
		let batch: GroupPiece[] = [];
		const flush = async (): Promise<void> => {
			await this.embed(work, batch);
			if (work.failure === undefined) await storePieces(batch, this.run);
			batch = [];
		};
		try {
			for await (const piece of work.cut(this.run)) {
				batch.push({ work, piece });
				if (batch.length < PIECES) continue;
				await flush();
				if (work.failure !== undefined) return;
			}
		} catch (error) {
			this.run.signal.throwIfAborted();
			throw error;
		}
		await flush();
	}

	private async embed(work: Work, batch: readonly GroupPiece[]): Promise<void> {
		try {
			await embedPieces(batch, this.run);
			this.failedEmbeddings = 0;
		} catch (error) {
			this.run.signal.throwIfAborted();
			work.failure = `It could not be embedded: ${messageOf(error)}`;
			// A text that is too long is the document's fault, however many there are of them.
			if (isTooLong(error) || ++this.failedEmbeddings < HOPELESS) return;
			throw new IngestError(
				'embedder',
				`Embedding failed for ${this.failedEmbeddings} documents in a row, the last one with: ${messageOf(error)}. Check the embedding engine, then run again: what is stored stays, and the run goes on where it stopped.`,
				{ cause: error },
			);
		}
	}
}
