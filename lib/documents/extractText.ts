import { decodeText } from './decode';
import { DocumentError } from './errors';
import { readHtml } from './html';
import { readInProcess } from './reader/pool';
import type { ExtractedText, FileContent, ReadLimits } from './types';

/** Defaults of the bounds on one file. */
export const READ_LIMITS: ReadLimits = {
	// Some 30,000 pages; a bigger text is better sent in parts that can be cited.
	textLength: 64 * 1024 * 1024,
	parseMs: 120_000,
	parseBytes: 512 * 1024 * 1024,
};

/**
 * The text of a file. Text, markdown and HTML are read here, in slices; formats whose parsers can be made to loop or to
 * take memory without end are read in a process of their own, with a deadline.
 * @throws DocumentError with what is wrong with the file; the signal's reason
 */
export async function extractText(
	content: FileContent,
	limits: ReadLimits,
	signal: AbortSignal,
): Promise<ExtractedText> {
	switch (content.kind) {
		case 'binary':
			throw new DocumentError('unreadable', unreadable(content));
		case 'text':
		case 'markdown':
			return decodeText(content.bytes);
		case 'html':
			return readHtml(await decodeText(content.bytes, 'html'), limits.textLength);
		case 'csv':
		case 'json':
		case 'jsonl':
		case 'pdf':
		case 'docx':
			return readInProcess(content.kind, content.bytes, limits, signal);
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
