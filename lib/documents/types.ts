import type { JsonValue } from '../support';
import type { FileKind } from './detect';

/** A file in memory, its type known (`detectKind`). */
export interface FileContent {
	readonly bytes: Uint8Array;
	readonly kind: FileKind;
	readonly name?: string;
	readonly mimeType?: string;
}

/** Bounds that keep one file from costing all the others. */
export interface ReadLimits {
	/** UTF-16 code units of the text. */
	readonly textLength: number;
	/** Milliseconds one file may take to be read by its parser. */
	readonly parseMs: number;
	/** Bytes of memory a parser may use beside the file itself. */
	readonly parseBytes: number;
}

/** Where in a file the extracted text comes from: pages of a PDF, records of a CSV, lines of a JSONL file. */
export interface Locations {
	/** Name of the metadata field; the last one a chunk reaches is `<field>End`. */
	readonly field: 'page' | 'record' | 'line';
	/** Offset in the text at which page (record, line) number i + 1 begins; ascending. */
	readonly starts: ArrayLike<number>;
}

/** A file turned to text. Offsets of chunks refer to this text, not to the bytes of the file. */
export interface ExtractedText {
	readonly text: string;
	readonly title?: string;
	readonly metadata?: { readonly [key: string]: JsonValue };
	readonly locations?: Locations;
	readonly warnings?: readonly string[];
}
