import type { Embedder } from '../embedding';
import type { CallContext } from '../support';
import type { Point } from '../vectorIndex';

/** A row on its way into an index; without a vector it is still to be embedded. */
export interface TextRow {
	readonly point: Point;
	/** What is embedded: the context, if there is one, and the text. */
	readonly embedText: string;
}

/**
 * Rows as points with their vectors, in order. Those that have none are embedded as one stream, which is read as fast as the embedder
 * takes texts; a text that has no vector (it is empty) gives a point without one.
 */
export async function* withVectors(
	rows: AsyncIterable<TextRow> | Iterable<TextRow>,
	embedder: Embedder,
	call: CallContext = {},
): AsyncGenerator<Point, void, undefined> {
	const waiting: Point[] = [];
	async function* texts(): AsyncGenerator<string, void, undefined> {
		for await (const { point, embedText } of rows) {
			waiting.push(point);
			if (!point.vector) yield embedText;
		}
	}
	for await (const { vector, empty } of embedder.embedDocuments(texts(), call)) {
		yield* takeReady(waiting);
		const point = waiting.shift();
		if (!point) throw new Error('The embedder returned more vectors than texts');
		yield empty ? point : { ...point, vector };
	}
	yield* takeReady(waiting);
	if (waiting.length > 0) throw new Error('The embedder returned fewer vectors than texts');
}

/** The points at the beginning that came with a vector. */
function* takeReady(waiting: Point[]): Generator<Point, void, undefined> {
	while (waiting[0]?.vector) {
		const [point] = waiting.splice(0, 1);
		if (point) yield point;
	}
}
