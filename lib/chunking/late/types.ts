import type { CallContext } from '../../support';
import type { CountTokens, Embed } from '../types';

/** Vectors of a text's tokens, as `EnginePool.tokenVectors` of lib/engine gives them. */
export interface TokenVectors {
	/** One a token, not normalised. */
	readonly vectors: readonly Float32Array[];
	/** UTF-16 offsets of each token in the text that was sent; null for special tokens. */
	readonly offsets: ReadonlyArray<{ readonly start: number; readonly end: number } | null>;
}

export interface LateServices extends CallContext {
	readonly tokenVectors: (text: string, call: CallContext) => Promise<TokenVectors>;
	/** Ordinary embedding, for chunks whose tokens cannot be told apart safely. */
	readonly embed?: Embed;
	/** The model's own tokenizer, where it is known; otherwise lengths are taken at 2.5 characters a token, on the safe side. */
	readonly countTokens?: CountTokens;
}

export interface LateOptions {
	/** Tokens the encoder reads at once, special tokens included. Default 512. */
	readonly maxTokens?: number;
	/** Tokens of context either side of the chunks of a window, where the text has them; 32–512 are usual. Default 64. */
	readonly overlapTokens?: number;
}
