import type { FileKind } from '../detect';
import type { ExtractedText, Locations } from '../types';

/** Types of files that are read by a parser in the reader's process. */
export type ParsedKind = Extract<FileKind, 'pdf' | 'docx' | 'csv' | 'json' | 'jsonl'>;

/** A file to be read: its bytes follow in parts, none larger than `PART_BYTES`. */
export interface ReadTask {
	readonly kind: ParsedKind;
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

/** What was found besides the text. */
export interface Found extends Omit<ExtractedText, 'text' | 'locations'> {
	readonly locations?: Omit<Locations, 'starts'> & { readonly starts: Uint32Array };
}

/**
 * The answer; the text follows in parts of UTF-16, little endian. `worn`: the reader holds memory that it does not give
 * back, and should not be used again. `refused`: a sentence for the user.
 */
export type FromReader =
	| { readonly found: Found; readonly textBytes: number; readonly worn: boolean }
	| { readonly refused: string; readonly tooLarge: boolean }
	| Part;

export type ReadAnswer = Exclude<FromReader, Part>;
