import type { CallContext } from '../support';

/** A piece of a source text. Offsets are UTF-16 code units: `source.slice(start, end) === text`, always. */
export interface Chunk {
	readonly text: string;
	readonly start: number;
	readonly end: number;
	/** Position among the chunks of this source, from 0. */
	readonly index: number;
	/** Tokens of `text` in the unit the chunker was given; only when that unit is tokens. */
	readonly tokens?: number;
	/** Titles of the headings above the chunk, outermost first. */
	readonly headings: readonly string[];
	readonly kind: 'text' | 'table' | 'code' | 'list' | 'heading';
	/** Put before the text for embedding and keyword search; never part of `text`. */
	readonly context?: string;
	/** The wider window to hand to a model (small-to-big retrieval). */
	readonly parent?: { readonly start: number; readonly end: number };
	/** Header row of the table a `table` chunk continues. */
	readonly tableHeader?: string;
	readonly flags?: readonly ChunkFlag[];
}

export type ChunkFlag = 'oversized' | 'truncated' | 'contextFailed' | 'lateFallback';

/** Counts tokens of a text with the tokenizer that will read the chunk, special tokens included. */
export type CountTokens = (text: string) => number;

/** `characters`, a built-in tokenizer, or `custom` (then `countTokens` must be given). */
export type SizeUnit = 'characters' | 'wordpiece' | 'cl100k' | 'o200k' | 'custom';

export type SyncMethod = 'fixed' | 'recursive' | 'sentence' | 'markdown' | 'code';

export interface ChunkOptions {
	readonly method: SyncMethod | 'semantic';
	/** Upper bound of a chunk, in `unit`. */
	readonly size: number;
	/** Exact overlap between neighbours, in `unit`; less than `size`. Default 0. */
	readonly overlap?: number;
	/** Default `characters`. */
	readonly unit?: SizeUnit;
	/** Needed for `unit: 'custom'`; handed in because chunking imports no other room. */
	readonly countTokens?: CountTokens;
	/** Length of the parent window in `unit`; 0 or absent: none. */
	readonly parentSize?: number;
}

export interface ChunkCall extends CallContext {}
