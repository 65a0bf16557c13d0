import type { FileKind } from './kinds';

/**
 * Raised when the reader of a kind would find another text in the same file: what an older one read is then read again by
 * the next sync, and only chunks whose text changed are embedded.
 */
const VERSIONS: Partial<Record<FileKind, number>> = {};

/** Names the reader of a kind and its version, as the manifest of an index has it: `pdf/1`. */
export function readerOf(kind: FileKind): string {
	return `${kind}/${VERSIONS[kind] ?? 1}`;
}

/** The kind of file that a reader (`readerOf`) reads. */
export const kindOfReader = (reader: string): string => reader.split('/', 1)[0] ?? reader;

/** Whether the reader of this kind finds another text now. */
export function hasOlderReader(reader: string): boolean {
	const kind = kindOfReader(reader);
	return reader !== `${kind}/${new Map<string, number>(Object.entries(VERSIONS)).get(kind) ?? 1}`;
}
