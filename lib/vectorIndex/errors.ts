import { LocalEngineError } from '../support';

/**
 * - `notFound` / `alreadyExists`: there is no index of that name / there is one already.
 * - `invalidName`, `invalidQuery`, `invalidFilter`, `invalidSettings`: the caller's input is wrong; the message says which part.
 * - `fingerprintMismatch`: vectors of another embedding model or size than the index was built with.
 * - `conflict`: other writers kept getting in the way; nothing of this call's last batch was written, so try again.
 * - `unsupported`: this platform or server cannot do it (for example no LanceDB binary for it).
 * - `unreachable`, `unauthorized`, `timeout`, `overloaded`: the vector server did not answer, refused the key, was too slow, or limits us.
 * - `storage`: the disk or object store refused (full, read-only, permission).
 * - `cancelled`: the caller's signal ended the work; what was written stays whole.
 * - `backend`: anything else the vector store reported, in its own words.
 */
export type IndexErrorKind =
	| 'notFound'
	| 'alreadyExists'
	| 'invalidName'
	| 'invalidQuery'
	| 'invalidFilter'
	| 'invalidSettings'
	| 'fingerprintMismatch'
	| 'conflict'
	| 'unsupported'
	| 'unreachable'
	| 'unauthorized'
	| 'timeout'
	| 'overloaded'
	| 'storage'
	| 'cancelled'
	| 'backend';

/** What every function of this module rejects with. */
export class IndexError extends LocalEngineError<IndexErrorKind> {}

/** The nodes of a cluster did not say what became of a change. It may be made later: look before anything is believed. */
export class UnknownOutcomeError extends IndexError {}

/** What is said of a name that has data and no live version. */
export function incomplete(name: string): string {
	return (
		`The index "${name}" is incomplete: it is being created or restored at this moment, or that was interrupted. ` +
		'Wait until it has ended, run the create or restore again, or drop the index.'
	);
}

/** Throws `cancelled` when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined, what: string): void {
	if (signal?.aborted)
		throw new IndexError('cancelled', `${what} was cancelled; what was already written stays.`);
}
