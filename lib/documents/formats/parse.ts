import type { DocumentWriter } from './writer';

export interface ParseInput {
	readonly bytes: Uint8Array;
	readonly name?: string;
}

/**
 * Reads a file into the writer. A DocumentError is told to the user as it is; whatever else is thrown is taken for the
 * parser's complaint about a damaged file.
 */
export type Parse = (input: ParseInput, writer: DocumentWriter) => void | Promise<void>;
