import type { FileContent } from '../ingest/documents';
import { IngestError } from '../ingest/errors';
import type { DocumentLimits, ExtractedText } from '../ingest/types';
import { decodeText } from './decode';
import { readHtml } from './html';
import { parseInWorker } from './parser';

export { detectKind, type FileKind } from './detect';

/**
 * The text of a file. Text, markdown and HTML are read here, in slices; formats whose parsers can be made to loop or to
 * eat memory are read in a worker with a deadline.
 * @throws IngestError `document` with what is wrong with the file.
 */
export async function extractText(
	content: FileContent,
	limits: DocumentLimits,
	signal: AbortSignal,
): Promise<ExtractedText> {
	switch (content.kind) {
		case 'binary':
			throw new IngestError('document', unreadable(content));
		case 'text':
		case 'markdown':
			return decodeText(content.bytes);
		case 'html':
			return readHtml(await decodeText(content.bytes, 'html'), limits);
		case 'csv':
		case 'json':
		case 'jsonl': {
			const decoded = await decodeText(content.bytes);
			const found = await parseInWorker({ kind: content.kind, data: decoded.text }, limits, signal);
			return decoded.warnings
				? { ...found, warnings: [...decoded.warnings, ...(found.warnings ?? [])] }
				: found;
		}
		case 'pdf':
			return parseInWorker({ kind: 'pdf', data: content.bytes }, limits, signal);
		case 'docx':
			// The parser turns it into HTML, so that headings, lists and tables are kept.
			return readHtml(await parseInWorker({ kind: 'docx', data: content.bytes }, limits, signal), limits);
	}
}

function unreadable({ bytes, name }: FileContent): string {
	const file = name === undefined ? 'The file' : `The file "${name.slice(0, 200)}"`;
	if (bytes.byteLength === 0) return `${file} is empty.`;
	const oleMagic = [0xd0, 0xcf, 0x11, 0xe0];
	if (oleMagic.every((byte, at) => bytes[at] === byte)) {
		return `${file} is in an old Office format (.doc, .xls, .ppt). Save it as .docx or PDF first.`;
	}
	return `${file} is of no type that can be read. Text, markdown, HTML, PDF, DOCX, CSV, JSON and JSONL can.`;
}
