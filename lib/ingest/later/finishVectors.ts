import { textToEmbed } from '../../chunking';
import { EmbeddingError, type Embedder } from '../../embedding';
import { IndexError, type PendingRow, type VectorIndex } from '../../vectorIndex';
import { messageOf, type CallContext } from '../../support';
import { assertIndexSpace } from '../memory';
import { forgetFailure } from './state';

/** Vectors written with one commit: what a process that is killed has to compute again takes half a minute of the slowest model. */
const BATCH = 256;
/** Rounds in a row in which nothing could be written, before the index is held to be at fault. */
const HOPELESS = 3;

export interface FinishReport {
	/** Rows that have their vector now. */
	readonly filled: number;
	/** Of these, rows whose text cannot be embedded: they are found by their words alone. */
	readonly failed: number;
	/** Why the first of them cannot. */
	readonly reason?: string;
}

/**
 * Computes the vectors of rows that were stored without, those that wait longest first, and writes them in batches. What is
 * stored meanwhile is seen to as well. Ended at any point it leaves each row as it was or complete; called again it goes on.
 *
 * @param call `onProgress` is told how many rows have got their vector, of how many
 * @throws EmbeddingError `drift`, or what the embedder fails with for every text; IndexError; the signal's reason
 */
export async function finishVectors(
	index: VectorIndex,
	embedder: Embedder,
	call: CallContext = {},
): Promise<FinishReport> {
	const { signal, onProgress } = call;
	const report: { filled: number; failed: number; reason?: string } = { filled: 0, failed: 0 };
	let { pending: total } = await index.pending.coverage();
	if (total === 0) return report;
	const { id: fingerprint } = await assertIndexSpace(index, embedder, { signal });
	for (let idle = 0; idle < HOPELESS; ) {
		signal?.throwIfAborted();
		const rows = await index.pending.oldest(BATCH);
		if (rows.length === 0) {
			await forgetFailure(index);
			return report;
		}
		const { vectors, failed, reason } = await embedRows(rows, embedder, {
			signal,
			onProgress: ({ done }) => onProgress?.({ done: report.filled + done, total }),
		});
		const written = await index.pending.fill(
			rows.map((row, at) => ({ row, vector: vectors[at] ?? null })),
			{ fingerprint },
		);
		idle = written === 0 ? idle + 1 : 0;
		report.filled += written;
		report.failed += failed;
		report.reason ??= reason;
		total = Math.max(total, report.filled);
		onProgress?.({ done: report.filled, total });
	}
	throw new IndexError(
		'conflict',
		'The vectors could not be stored: the rows that wait for them keep changing. Run it again when no other workflow writes to the index.',
	);
}

interface Embedded {
	/** In the order of the rows; null where a text has none. */
	readonly vectors: ReadonlyArray<Float32Array | null>;
	readonly failed: number;
	readonly reason?: string;
}

async function embedRows(
	rows: readonly PendingRow[],
	embedder: Embedder,
	call: CallContext,
): Promise<Embedded> {
	const texts = rows.map(({ point: { text, context } }) => textToEmbed(text, context));
	try {
		return { vectors: await embedAll(texts, embedder, call), failed: 0 };
	} catch (thrown) {
		call.signal?.throwIfAborted();
		if (!(thrown instanceof EmbeddingError)) throw thrown;
		return await embedEach(texts, embedder, call, thrown);
	}
}

async function embedAll(
	texts: readonly string[],
	embedder: Embedder,
	call: CallContext,
): Promise<Array<Float32Array | null>> {
	const vectors: Array<Float32Array | null> = [];
	for await (const { vector, empty } of embedder.embedDocuments(texts, call)) {
		vectors.push(empty === true ? null : vector);
	}
	if (vectors.length !== texts.length)
		throw new Error(`The embedder answered ${vectors.length} of ${texts.length} texts`);
	return vectors;
}

/** One text may be at fault, or the embedder: where none can be embedded it is the latter. */
async function embedEach(
	texts: readonly string[],
	embedder: Embedder,
	{ signal }: CallContext,
	cause: EmbeddingError,
): Promise<Embedded> {
	const vectors: Array<Float32Array | null> = [];
	const reasons: string[] = [];
	for (const text of texts) {
		try {
			vectors.push(...(await embedAll([text], embedder, { signal })));
		} catch (thrown) {
			signal?.throwIfAborted();
			vectors.push(null);
			reasons.push(messageOf(thrown));
			// A dead embedder is not asked for each of them.
			if (reasons.length === vectors.length && reasons.length >= HOPELESS) throw cause;
		}
	}
	if (reasons.length === texts.length) throw cause;
	const [reason] = reasons;
	return { vectors, failed: reasons.length, ...(reason !== undefined && { reason }) };
}
