import { createSlicer, messageOf } from '../support';
import { throwIfCancelled } from './errors';
import { preparePoint, type PreparedPoint } from './point';
import type { Failure, IndexSettings, Point, UpsertCall, UpsertReport } from './types';

export interface BatchLimits {
	readonly rows: number;
	readonly bytes: number;
}

/**
 * Gets one batch ready (its ids are distinct) and returns what writes it, which resolves to how many rows were new or
 * different. A batch is made ready while the one before is still being written.
 */
export type PrepareBatch = (batch: readonly PreparedPoint[]) => () => Promise<number>;

const MAX_FAILURES = 1_000;

/**
 * Checks points, cuts them in batches and writes them, one batch being prepared while another is written. A point that
 * cannot be written is reported and the rest goes on. A repeated id within a batch counts once: the last one wins.
 */
export async function writeInBatches(
	points: AsyncIterable<Point> | Iterable<Point>,
	settings: IndexSettings,
	limits: BatchLimits,
	prepare: PrepareBatch,
	call: UpsertCall = {},
): Promise<UpsertReport> {
	const turn = createSlicer();
	const failed: Failure[] = [];
	let failedCount = 0;
	let written = 0;
	let unchanged = 0;
	let batch = new Map<string, PreparedPoint>();
	let bytes = 0;
	let repeated = 0;
	let position = -1;
	let writing: Promise<void> = Promise.resolve();

	async function send(write: () => Promise<number>, rows: number, again: number): Promise<void> {
		const changed = await write();
		written += changed;
		unchanged += rows - changed + again;
		call.onProgress?.({ done: written + unchanged + failedCount });
	}

	async function flush(): Promise<void> {
		const rows = batch.size;
		const again = repeated;
		const write = prepare([...batch.values()]);
		batch = new Map();
		bytes = 0;
		repeated = 0;
		await writing;
		throwIfCancelled(call.signal, 'Writing');
		writing = send(write, rows, again);
		writing.catch(() => undefined); // its error is thrown where it is awaited: at the next flush or at the end
	}

	try {
		for await (const point of points) {
			throwIfCancelled(call.signal, 'Writing');
			await turn();
			position += 1;
			try {
				const prepared = preparePoint(point, settings);
				if (batch.has(prepared.point.id)) repeated += 1;
				batch.set(prepared.point.id, prepared);
				bytes += prepared.bytes;
			} catch (thrown) {
				failedCount += 1;
				const failure = failureOf(point, position, messageOf(thrown));
				call.onFailure?.(failure);
				if (failed.length < MAX_FAILURES) failed.push(failure);
			}
			if (batch.size >= limits.rows || bytes >= limits.bytes) await flush();
		}
		if (batch.size > 0) await flush();
	} finally {
		await writing;
	}
	return { written, unchanged, failed, failedCount };
}

function failureOf(point: Point, position: number, problem: string): Failure {
	const id: unknown = point?.id;
	const source: unknown = point?.source;
	return {
		position,
		...(typeof id === 'string' && { id }),
		source: typeof source === 'string' ? source : '',
		reason: `This row was not written: ${problem}.`,
	};
}
