import type { CallContext } from '../../support';

/** What is asked of a model. `system` is the same text for all chunks of a window, so that an engine's prompt cache serves. */
export interface ContextRequest {
	readonly system: string;
	readonly user: string;
	readonly maxTokens: number;
}

/** Answers a request with plain text; rejects when it cannot. Deadlines and retries are its own business. */
export type Complete = (request: ContextRequest, call: CallContext) => Promise<string>;

export interface ContextOptions {
	/**
	 * - `headings`: the path of headings ("Handbook > Leave > Sickness").
	 * - `title`: title and summary of the document, and the headings.
	 * - `model`: one or two sentences by a model that place the chunk in its document (contextual retrieval).
	 */
	readonly kind: 'headings' | 'title' | 'model';
	/** `title` and `model`: the document's title. Default: its front matter's title or first heading. */
	readonly title?: string;
	/** `title`: the summary; without one and with `complete`, a model writes it, once. */
	readonly summary?: string;
	/**
	 * Characters of the document a model is shown. A longer document is shown in overlapping windows, the one whose middle
	 * is nearest to the chunk. Default 24,000 (about 6,000 tokens).
	 */
	readonly windowCharacters?: number;
	/** Calls in flight. Default 4. */
	readonly concurrency?: number;
	/** Length of the answer. Default 120 tokens. */
	readonly maxTokens?: number;
}

export interface ContextServices extends CallContext {
	readonly complete?: Complete;
}

/** What `addContext` returns at its end. */
export interface ContextReport {
	readonly chunks: number;
	/** Calls made; at most one a chunk, and one for a summary. */
	readonly calls: number;
	/** Chunks that kept their text but have the flag `contextFailed`. */
	readonly failed: number;
	/** What the first failure said. */
	readonly firstFailure?: string;
}
