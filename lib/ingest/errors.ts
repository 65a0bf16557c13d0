import { LocalEngineError } from '../support';

/**
 * - `invalidOptions`: the call itself cannot work.
 * - `embedder`: the embedder fails for every document, so the run was stopped; what is stored is whole.
 * - `removal`: more documents were not sent than may be removed in one run; nothing was removed.
 * - `moved`: the index was migrated while the run was going; open it again and repeat the run.
 * - `migration`: a migration cannot start or go on.
 * - `ended`: the process of the run died (memory); what is stored is whole, run again.
 * - `document`: one document cannot be stored; `sync` reports it as a failed outcome instead of throwing.
 */
export type IngestErrorKind =
	| 'invalidOptions'
	| 'embedder'
	| 'removal'
	| 'moved'
	| 'migration'
	| 'ended'
	| 'document';

export class IngestError extends LocalEngineError<IngestErrorKind> {}
