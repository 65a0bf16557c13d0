import { embedEach, isTooLong, type Embedder } from '../embedding';
import { messageOf, type CallContext } from '../support';
import type { Failure, Point } from '../vectorIndex';
import { inBatches } from './streams';

/** A row on its way into an index; without a vector it is still to be embedded. */
export interface TextRow {
	readonly point: Point;
	/** What is embedded: the context, if there is one, and the text. */
	readonly embedText: string;
}

export interface VectorsCall extends CallContext {
	/** Told of each row whose text is too long for the model; it gives no point. Default: the error is thrown, and ends the others. */
	readonly onFailure?: (failure: Failure) => void;
}

/** Rows embedded together: several requests of an engine, some megabytes. */
const ROWS = 512;

/**
 * Rows as points with their vectors, in order. Those that have none are embedded, some hundred at a time; a text that has no
 * vector (it is empty) gives a point without one.
 */
export async function* withVectors(
	rows: AsyncIterable<TextRow> | Iterable<TextRow>,
	embedder: Embedder,
	{ onFailure, ...call }: VectorsCall = {},
): AsyncGenerator<Point, void, undefined> {
	let position = 0;
	for await (const batch of inBatches(rows, ROWS)) {
		const texts = batch.filter(({ point }) => !point.vector).map(({ embedText }) => embedText);
		const vectors = await embedEach(embedder, texts, call);
		if (vectors.length !== texts.length)
			throw new Error(`The embedder was given ${texts.length} texts and answered ${vectors.length}`);
		for (const { point } of batch) {
			const embedded = point.vector ? { vector: point.vector } : vectors.shift();
			if (embedded === undefined) throw new Error('A text has no vector and no error');
			if (!('error' in embedded))
				yield 'empty' in embedded && embedded.empty ? point : { ...point, vector: embedded.vector };
			else if (onFailure && isTooLong(embedded.error))
				onFailure({ position, source: point.source, reason: messageOf(embedded.error) });
			else throw embedded.error;
			position += 1;
		}
	}
}
