import type { Embedder } from '../embedding';
import type { Failure, Point, UpsertCall, UpsertReport, VectorIndex } from '../vectorIndex';
import { upsertRows } from './singleRows';
import { withVectors, type TextRow } from './vectors';

export interface TextRowsCall extends UpsertCall {
	/** Sees the points on their way from the model to the index. */
	readonly through?: (points: AsyncIterable<Point>) => AsyncIterable<Point>;
}

/** As in the report of `upsertRows`. */
const MOST_LISTED = 1_000;

/**
 * Embeds rows that belong to no document and writes them, see {@link upsertRows}. A text that is too long for the model fails
 * alone, as a row that cannot be written does; `position` counts the rows given.
 * @throws IndexError as `upsertRows`; what the embedder throws for a reason other than the length of a text
 */
export async function upsertTexts(
	index: VectorIndex,
	rows: AsyncIterable<TextRow> | Iterable<TextRow>,
	embedder: Embedder,
	{ through = (points) => points, ...call }: TextRowsCall = {},
): Promise<UpsertReport> {
	const tooLong: Failure[] = [];
	let tooLongCount = 0;
	/** Which of the rows each point is. */
	const places: number[] = [];
	const placed = (failure: Failure): Failure => ({
		...failure,
		position: places[failure.position] ?? failure.position,
	});
	async function* points(): AsyncGenerator<Point, void, undefined> {
		const onFailure = (failure: Failure): void => {
			tooLongCount += 1;
			if (tooLong.length < MOST_LISTED) tooLong.push(failure);
			call.onFailure?.(failure);
		};
		for await (const point of withVectors(rows, embedder, { signal: call.signal, onFailure })) {
			places.push(places.length + tooLongCount);
			yield point;
		}
	}
	const report = await upsertRows(index, through(points()), {
		...call,
		onFailure: (failure) => call.onFailure?.(placed(failure)),
	});
	return {
		...report,
		failedCount: report.failedCount + tooLongCount,
		failed: [...tooLong, ...report.failed.map(placed)]
			.sort((a, b) => a.position - b.position)
			.slice(0, MOST_LISTED),
	};
}
