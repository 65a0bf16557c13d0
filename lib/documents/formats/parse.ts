import type { KeptPages } from './ocr/kept';
import type { DocumentWriter } from './writer';

export interface NestedFile {
	readonly name: string;
	readonly mimeType?: string;
	readonly bytes: Uint8Array | (() => Uint8Array);
	/** Heading above its text; empty for none. */
	readonly title: string;
}

/**
 * Reads a file within a file below a heading with its name. One that cannot be read is named in a warning; resolves to the
 * reason.
 */
export type ReadNested = (file: NestedFile, writer: DocumentWriter) => Promise<string | undefined>;

export interface ParseInput {
	readonly bytes: Uint8Array;
	readonly name?: string;
	readonly readNested: ReadNested;
	/** Pages whose words were recognised already, by a reading of the same file that was interrupted. */
	readonly keptPages: KeptPages;
	/** Called when a page is done: the time for reading begins anew. */
	readonly pageDone: () => void;
}

/**
 * Reads a file into the writer. A DocumentError is told to the user as it is; whatever else is thrown is taken for the
 * parser's complaint about a damaged file.
 */
export type Parse = (input: ParseInput, writer: DocumentWriter) => void | Promise<void>;

/** Loads a parser. Loading one takes tens of megabytes, which are not the file's. */
export type LoadParse = () => Parse | Promise<Parse>;
