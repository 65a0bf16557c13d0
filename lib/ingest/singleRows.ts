import { randomUUID } from 'node:crypto';
import { isObject } from '../support';
import type { Failure, ManifestStore, Point, UpsertCall, UpsertReport, VectorIndex } from '../vectorIndex';
import { isFenced, waitForFence } from './fence';
import { isTaken } from './lease';
import { inBatches } from './streams';

/*
 * A row that is written or deleted by itself while a migration (or a move) switches versions would be written in the version before
 * only. So it leaves a note in the manifest that it is at it, which the migration waits for once it has raised the fence; where the fence is
 * up, the row waits. Nothing is noted where no migration runs, which is nearly always.
 */

const PREFIX = 'migration:writing:';
/** Milliseconds after which a note counts for nothing: its process has died. */
const NOTE_MS = 60_000;
/** Rows of one write; a migration waits for it, but not for vectors that are still to be computed. */
const ROWS = 500;

/** @throws IngestError `moved` where the index was moved to another place meanwhile */
export async function betweenSwitches<T>(
	manifest: ManifestStore,
	signal: AbortSignal | undefined,
	write: () => Promise<T>,
): Promise<T> {
	if (!(await isTaken(manifest))) return await write();
	const key = PREFIX + randomUUID();
	for (;;) {
		await manifest.put(new Map([[key, { until: Date.now() + NOTE_MS }]]));
		if (!(await isFenced(manifest))) break;
		await manifest.delete([key]);
		await waitForFence(manifest, signal);
	}
	try {
		return await write();
	} finally {
		await manifest.delete([key]);
	}
}

/** Whether rows are being written or deleted by themselves. */
export async function hasSingleWriters(manifest: ManifestStore): Promise<boolean> {
	for await (const [, value] of manifest.scan(PREFIX))
		if (isObject(value) && typeof value.until === 'number' && Date.now() < value.until) return true;
	return false;
}

/**
 * Writes rows that belong to no document. Unlike `index.upsert` it may be called while the index is migrated or moved: nothing of it is
 * left behind in the version before.
 * @throws IndexError `fingerprintMismatch` when the index was migrated to another model meanwhile; rows up to then are in it
 */
export async function upsertRows(
	index: VectorIndex,
	points: AsyncIterable<Point> | Iterable<Point>,
	call: UpsertCall = {},
): Promise<UpsertReport> {
	const total = { written: 0, unchanged: 0, failedCount: 0 };
	const failed: Failure[] = [];
	let before = 0;
	for await (const rows of inBatches(points, ROWS)) {
		const begin = before;
		before += rows.length;
		const moved = (failure: Failure): Failure => ({ ...failure, position: begin + failure.position });
		const report = await betweenSwitches(index.manifest, call.signal, () =>
			index.upsert(rows, {
				...call,
				onProgress: ({ done }) => call.onProgress?.({ done: begin + done }),
				onFailure: (failure) => call.onFailure?.(moved(failure)),
			}),
		);
		total.written += report.written;
		total.unchanged += report.unchanged;
		total.failedCount += report.failedCount;
		failed.push(...report.failed.map(moved).slice(0, MAX_FAILURES - failed.length));
	}
	return { ...total, failed };
}

const MAX_FAILURES = 1_000;
