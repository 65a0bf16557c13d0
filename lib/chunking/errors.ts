import { type CallContext, LocalEngineError } from '../support';

/**
 * - `invalidOptions`: a setting contradicts itself or another one (overlap ≥ size, an unknown method …).
 * - `missingService`: the method or unit needs a function that was not handed in (`embed`, `countTokens`, `complete`).
 * - `badService`: a function that was handed in returned something unusable (a count that is not a number, …).
 * - `cancelled`: the caller's signal ended the work.
 */
export type ChunkingErrorKind = 'invalidOptions' | 'missingService' | 'badService' | 'cancelled';

/** What goes wrong in chunking, said so that the person who set the options can mend it. */
export class ChunkingError extends LocalEngineError<ChunkingErrorKind> {}

/** Throws `cancelled` when the caller's signal has ended the work. */
export function stopIfCancelled({ signal }: CallContext): void {
	if (!signal?.aborted) return;
	throw new ChunkingError('cancelled', 'Chunking was cancelled before the text was done.', {
		cause: signal.reason,
	});
}
