import type { Attempt } from '../errors';

export interface EmbedOptions {
	readonly model?: string;
	/** Fewer dimensions where the model was made for it (Matryoshka); vectors are unit length again afterwards. */
	readonly dimensions?: number;
	/** Put before every text ("query: "); see `knownPrefixes`. */
	readonly prefix?: string;
	/** `fail` (default) | `truncate` (flagged) | `mean` (pieces averaged by length, flagged). Never silent. */
	readonly onTooLong?: 'fail' | 'truncate' | 'mean';
	/** Most texts in a request. Default 128, less where the engine says so. */
	readonly batchSize?: number;
	/** Most tokens in a request, counted by `countTokens`. Default 16,384. */
	readonly batchTokens?: number;
	/** Requests in flight at once. Default 2. */
	readonly concurrency?: number;
	/** Default: a quarter of the UTF-8 bytes. */
	readonly countTokens?: (text: string) => number;
	/** Scale every vector to unit length. Default true. */
	readonly normalize?: boolean;
}

export type EmbedFlag = 'truncated' | 'averaged' | 'empty' | undefined;

export interface EmbedResult {
	/** In the order of the texts. */
	readonly vectors: readonly Float32Array[];
	/** Per text: cut or averaged because it was too long; or empty, and its vector therefore zero (not to be indexed). */
	readonly flags: readonly EmbedFlag[];
	readonly model: string;
	readonly engine: string;
	readonly dimensions: number;
	readonly usage: { readonly promptTokens: number };
	readonly attempts: readonly Attempt[];
}

export interface TokenVectors {
	/** One per token, as the engine gives them (not normalised). */
	readonly vectors: readonly Float32Array[];
	/** UTF-16 offsets of each token in the text; `null` for special tokens. */
	readonly offsets: readonly ({ readonly start: number; readonly end: number } | null)[];
	readonly model: string;
	readonly engine: string;
}

export interface RerankOptions {
	readonly model?: string;
	/** Only the best so many. */
	readonly topN?: number;
}

export interface RerankResult {
	readonly index: number;
	/** Higher is better. Scale depends on the engine (llama.cpp: logits; vLLM, TEI: 0–1): compare within one answer only. */
	readonly score: number;
	/** Which engine scored; `built-in` when none has a rerank route. */
	readonly engine: string;
}

/** A document's place in what was given, and its score: higher is better. */
export interface DocumentScore {
	readonly index: number;
	readonly score: number;
}
