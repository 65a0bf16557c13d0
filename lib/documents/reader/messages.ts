import type { ParsedKind } from '../kinds';
import type { Block, ExtractedText, InnerFile } from '../types';

/**
 * `text`: the text, that of files within the file too; `blocks`: its blocks as well; `files`: the text of the file itself, and
 * the files within it as they are.
 */
export type Wanted = 'text' | 'blocks' | 'files';

/** A file to be read: its bytes follow in parts, none larger than `PART_BYTES`. */
export interface ReadTask {
	readonly kind: ParsedKind;
	readonly name?: string;
	readonly want: Wanted;
	readonly size: number;
	/** Bound of the text, in UTF-16 code units. */
	readonly textLength: number;
	/** Bound of the memory that reading takes. */
	readonly memoryBytes: number;
}

/** Sent and received in one piece: copying it holds the event loop for 1 or 2 ms. */
export const PART_BYTES = 4 * 1024 * 1024;

export interface Part {
	readonly part: Uint8Array;
}

export type ToReader = ReadTask | Part;

/** Blocks sent in one message. */
export const BLOCKS_SENT = 1_000;

/**
 * The answer; the text follows in parts of UTF-16, little endian, then the blocks and the bytes of the files within where they
 * are wanted. `worn`: the reader
 * holds memory that it does not give back, and should not be used again. `refused`: a sentence for the user.
 */
export type FromReader =
	| {
			readonly found: Omit<ExtractedText, 'text'>;
			readonly textBytes: number;
			readonly blockCount: number;
			readonly files: ReadonlyArray<Omit<InnerFile, 'bytes'> & { readonly size: number }>;
			readonly worn: boolean;
	  }
	| { readonly refused: string; readonly tooLarge: boolean }
	| Part
	| { readonly blocks: readonly Block[] }
	/** A page is done: there is time for another one. */
	| { readonly page: 'done' };
