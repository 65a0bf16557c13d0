import { readDocument, type FileKind, type ReadDocument } from '../documents';
import { checkLength, DOCUMENT_LIMITS, identifyDocument } from './documents';
import type { IngestDocument } from './types';

/** What a sync makes of a document. */
export interface Inspection extends ReadDocument {
	/** Type of the file; `text` of a document that came as text. */
	readonly kind: FileKind;
	readonly warnings: readonly string[];
}

/**
 * Reads a document as `sync` does, with the same checks and bounds, and stores nothing: shows what would become of it.
 * @throws IngestError, DocumentError with what is wrong with it; the signal's reason
 *
 * @example await inspectDocument({ source: 'a.pdf', file: { data: bytes, name: 'a.pdf' } });
 */
export async function inspectDocument(
	document: IngestDocument,
	signal: AbortSignal = new AbortController().signal,
): Promise<Inspection> {
	const { content, title, warnings } = await identifyDocument(document, 0, DOCUMENT_LIMITS);
	if ('load' in content) throw new Error('A document that came from an index is not read again.');
	const file = 'text' in content ? { bytes: Buffer.from(content.text), kind: 'text' as const } : content;
	const found = await readDocument(file, DOCUMENT_LIMITS, signal);
	checkLength(found.text, DOCUMENT_LIMITS);
	return {
		...found,
		...(title === undefined ? {} : { title }),
		kind: file.kind,
		warnings: [...warnings, ...(found.warnings ?? [])],
	};
}
