import type { CallContext } from '../support';

export type OnTooLong = 'fail' | 'truncate' | 'mean';

/**
 * What identifies the space vectors live in. Two indexes with different ids must never be mixed; `compareFingerprints`
 * finds the case where the same name stands for another model than before.
 */
export interface Fingerprint {
	readonly model: string;
	readonly dimensions: number;
	readonly queryPrefix: string;
	readonly documentPrefix: string;
	/**
	 * SHA-256 over the fields above. The vectors are left out on purpose: they differ in the last digits from one
	 * processor or batch to the next, and an index would refuse its own model.
	 */
	readonly id: string;
	/** Vectors of fixed probe texts, values rounded to 4 decimals; plain numbers, to be stored with an index. */
	readonly probes: ReadonlyArray<readonly number[]>;
}

export interface EmbeddedText {
	/** Unit length, `dimensions` long; zero where there is nothing to embed (see `empty`). */
	readonly vector: Float32Array;
	/** The text has no token the model knows: its vector is zero or means nothing, and must not be indexed by vector. */
	readonly empty?: boolean;
	/** The text was longer than the model reads and was cut (`truncate`) or averaged over pieces (`mean`). */
	readonly flag?: 'truncated' | 'averaged';
	readonly tokens?: number;
}

/** The state of every token of a text, as late chunking needs them; the shape engines give theirs in. */
export interface TokenStates {
	/** One per token, not normalised. */
	readonly vectors: readonly Float32Array[];
	/** UTF-16 range of each token in the text; `null` for special tokens. */
	readonly offsets: ReadonlyArray<{ readonly start: number; readonly end: number } | null>;
}

/**
 * Turns texts into vectors; the same interface for engines and for the built-in models. Rejects with EmbeddingError;
 * over an engine also with the EngineError of its pool.
 */
export interface Embedder {
	readonly model: string;
	/** 0 until the first vector, where only the engine knows; `fingerprint()` finds out. */
	readonly dimensions: number;
	/** Order is kept; a consumer that stops early stops the producer. */
	embedDocuments(
		texts: AsyncIterable<string> | Iterable<string>,
		call?: CallContext,
	): AsyncIterable<EmbeddedText>;
	embedQuery(text: string, call?: CallContext): Promise<Float32Array>;
	/** What an engine gives for the probe texts is believed for ten minutes; `fresh` asks it again now. */
	fingerprint(call?: CallContext & { readonly fresh?: boolean }): Promise<Fingerprint>;
	/**
	 * Milliseconds that texts of so many characters take in all, as measured in this process; undefined before anything was.
	 * Absent where nobody has to wait (the fast tier) or only an engine knows.
	 */
	estimateMs?(characters: number): number | undefined;
	/** Tokens of the model's own tokenizer, special tokens included, where it is known locally. */
	countTokens?(text: string): number;
	/**
	 * Token states for late chunking: the mean over a chunk's tokens, normalised, lies in the same space as
	 * `embedDocuments`. Absent where the model has none to give (the fast tier).
	 */
	tokenVectors?(text: string, call?: CallContext): Promise<TokenStates>;
	close(): Promise<void>;
}
