import type { CallContext } from '../support';
import type { CodeLanguageName } from './codeLanguages';

/** A piece of a source text. Offsets are UTF-16 code units: `source.slice(start, end) === text`, always. */
export interface Chunk {
	readonly text: string;
	readonly start: number;
	readonly end: number;
	/** Position among the chunks of this source, from 0. */
	readonly index: number;
	/** Tokens of `text` in the unit the chunker was given; only when that unit is tokens. */
	readonly tokens?: number;
	/** Titles of the headings above the chunk, outermost first; a heading the chunk itself opens with counts as above. */
	readonly headings: readonly string[];
	readonly kind: 'text' | 'table' | 'code' | 'list' | 'heading';
	/** Put before the text for embedding and keyword search; never part of `text`. */
	readonly context?: string;
	/** The wider window to hand to a model (small-to-big retrieval). */
	readonly parent?: { readonly start: number; readonly end: number };
	/** Header row of the table a `table` chunk continues. */
	readonly tableHeader?: string;
	/** Opening line of the code fence a `code` chunk is an inner part of (the fence was larger than the bound). */
	readonly fence?: string;
	readonly flags?: readonly ChunkFlag[];
}

export type ChunkFlag = 'oversized' | 'truncated' | 'contextFailed' | 'lateFallback';

/** Counts tokens of a text with the tokenizer that will read the chunk, special tokens included. */
export type CountTokens = (text: string) => number;

/**
 * `characters` are UTF-16 units, as JavaScript counts. `cl100k` and `o200k` are built in. `wordpiece` (the built-in
 * embedding model) and `custom` (the engine's own) count with the `countTokens` that is handed in, because chunking
 * imports no other module.
 */
export type SizeUnit = 'characters' | 'wordpiece' | 'cl100k' | 'o200k' | 'custom';

export type SyncMethod = 'fixed' | 'recursive' | 'sentence' | 'markdown' | 'code';

export interface ChunkOptions {
	readonly method: SyncMethod | 'semantic';
	/** Upper bound of a chunk, in `unit`. */
	readonly size: number;
	/**
	 * Exact overlap between neighbours, in `unit`; less than `size`. Default 0. It is shorter, never longer, where it
	 * would tear a grapheme, open a code fence in its middle, or leave no room for new text.
	 */
	readonly overlap?: number;
	/** Default `characters`. */
	readonly unit?: SizeUnit;
	/** Needed for the units `wordpiece` and `custom`. */
	readonly countTokens?: CountTokens;
	/** Length of the parent window in `unit`; 0 or absent: none. */
	readonly parentSize?: number;
	/** `recursive`: own separators, the strongest first; the built-in ones follow for pieces that are still too large. */
	readonly separators?: readonly string[];
	/**
	 * `sentence`: one sentence a chunk, its parent being this many sentences either side. Absent: as many sentences as
	 * fit. Not together with `parentSize`.
	 */
	readonly window?: number;
	/**
	 * `code`: the programming language; default `auto`, judged from the first lines. `recursive`: with a language, its
	 * separators stand before the built-in ones.
	 */
	readonly language?: CodeLanguageName | 'markdown' | 'latex' | 'auto';
	/** `semantic` only. */
	readonly semantic?: SemanticOptions;
}

export interface SemanticOptions {
	/**
	 * `cluster` (default): the segmentation whose parts are most alike inside, within the bound. `breakpoint`: cuts where
	 * neighbouring sentences differ most.
	 */
	readonly strategy?: 'cluster' | 'breakpoint';
	/** `breakpoint`: how the threshold is found. Default `percentile`. */
	readonly threshold?: 'percentile' | 'deviation' | 'gradient';
	/**
	 * How different or alike is enough. `breakpoint`: the percentile (default 95) or standard deviations above the mean
	 * (default 3) of the distances. `cluster`: standard deviations above the mean similarity (default 1); more makes for
	 * smaller chunks.
	 */
	readonly amount?: number;
	/** `breakpoint`: sentences either side that are compared together with each sentence. Default 1. */
	readonly buffer?: number;
	/** `cluster`: least size of the pieces of whole sentences that are put together, in `unit`. Default 25 tokens or 110 characters. */
	readonly pieceSize?: number;
}

/** Vectors of texts, in order, all of one length. */
export type Embed = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

/** Tokens of a text with their rows in a table of token vectors, as `staticTokenVectors` of lib/embedding gives them. */
export interface TokenRows {
	readonly starts: Int32Array;
	readonly dimensions: number;
	/** Adds the rows of tokens `from` to `to` (exclusive) to `target`, which is `dimensions` long. */
	readonly addRange: (from: number, to: number, target: Float64Array) => void;
}

/** What a method may need that chunking does not have itself. */
export interface ChunkServices extends CallContext {
	/** For `semantic`: any embedding model. */
	readonly embed?: Embed;
	/** For `semantic`, instead of `embed` and many times faster: the built-in static model's token table. */
	readonly tokenRows?: (text: string) => TokenRows | Promise<TokenRows>;
	/** Used where the options bring none. */
	readonly countTokens?: CountTokens;
}
