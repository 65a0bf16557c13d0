import type { JsonValue } from '../support';
import type { FileKind } from './kinds';

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

/** What a reader can say about where a text stands in its file. */
export type PlaceField = 'page' | 'slide' | 'sheet' | 'row' | 'record' | 'line';

/** Where in a file the extracted text comes from: pages of a PDF, sheets and rows of a workbook, lines of a JSONL file. */
export interface Locations {
	/** Name of the metadata field; the last one a chunk reaches is `<field>End`. */
	readonly field: PlaceField;
	/** Offset in the text at which place number i + 1 begins; ascending. */
	readonly starts: ArrayLike<number>;
	/** What place i is called. Default: its number, from 1. */
	readonly labels?: ArrayLike<number | string>;
}

/** A file turned to text. Offsets of chunks refer to this text, not to the bytes of the file. */
export interface ExtractedText {
	readonly text: string;
	readonly title?: string;
	readonly metadata?: { readonly [key: string]: JsonValue };
	readonly locations?: readonly Locations[];
	readonly warnings?: readonly string[];
}

/** A cell of a table. Cells that a wider or higher one covers are not listed. */
export interface TableCell {
	readonly text: string;
	readonly isHeader?: boolean;
	/** Columns it covers. Default 1. */
	readonly columns?: number;
	/** Rows it covers. Default 1. */
	readonly rows?: number;
}

export type Table = ReadonlyArray<readonly TableCell[]>;

/** A part of a document. `start` and `end` are offsets in the text of the document. */
export interface Block {
	readonly type: 'heading' | 'paragraph' | 'listItem' | 'table' | 'record' | 'note' | 'code';
	readonly start: number;
	readonly end: number;
	/** Of a heading, from 1; of a list item, how deep it is nested, from 1. */
	readonly level?: number;
	/** What stands before a list item: its number or bullet. */
	readonly marker?: string;
	readonly table?: Table;
	/** Of a record: its fields, those without a value left out. */
	readonly fields?: ReadonlyArray<readonly [name: string, value: string]>;
}

/** A file within a file: an attachment of a mail, a file of an archive. */
export interface InnerFile {
	/** With its folders in the archive. */
	readonly name: string;
	readonly mimeType?: string;
	readonly bytes: Uint8Array;
	/** Why it cannot be unpacked; then there are no bytes. */
	readonly problem?: string;
}

/** A file that holds other files: what it says itself, and those files. */
export interface OpenedContainer {
	readonly own: ExtractedText;
	readonly files: readonly InnerFile[];
}

/** A document as its reader found it. */
export interface ReadDocument extends ExtractedText {
	readonly blocks: readonly Block[];
}
