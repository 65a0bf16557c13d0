import { LocalEngineError } from '../support';

/**
 * invalidRecord: a record, row or feedback is not usable · invalidOptions: settings contradict or are out of range ·
 * store: the database refused or is broken · unavailable: a part this needs is not there (Node too old, package, server) ·
 * folder: a path outside the allowed folder, or not writable · empty: the result has no rows, or far
 * fewer than the set it would replace · licence: the teacher's licence forbids training on its answers ·
 * cancelled: the caller's signal.
 */
export type DistillationErrorKind =
	| 'invalidRecord'
	| 'invalidOptions'
	| 'store'
	| 'unavailable'
	| 'folder'
	| 'empty'
	| 'licence'
	| 'cancelled';

export class DistillationError extends LocalEngineError<DistillationErrorKind> {}

/** Throws `cancelled` when the caller gave up. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
	if (signal?.aborted)
		throw new DistillationError('cancelled', 'The work was cancelled; what was finished stays.');
}
