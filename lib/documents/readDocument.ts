import { decodeText } from './decode';
import { DocumentError } from './errors';
import { readInProcess } from './reader/pool';
import { refusalOf } from './refusals';
import type { ParsedKind } from './kinds';
import type { ExtractedText, FileContent, OpenedContainer, ReadDocument, ReadLimits } from './types';

/** Defaults of the bounds on one file. */
export const READ_LIMITS: ReadLimits = {
	// Some 30,000 pages; a bigger text is better sent in parts that can be cited.
	textLength: 64 * 1024 * 1024,
	parseMs: 120_000,
	parseBytes: 512 * 1024 * 1024,
};

/**
 * The text of a file with its title, facts, places and warnings. Text and markdown are decoded here, in slices; everything
 * else has a parser that can be made to loop or to take memory without end, and is read in a process of its own with a
 * deadline.
 * @throws DocumentError with what is wrong with the file and what to do; the signal's reason
 */
export async function extractText(
	content: FileContent,
	limits: ReadLimits,
	signal: AbortSignal,
): Promise<ExtractedText> {
	const { kind, bytes } = content;
	if (kind === 'binary') throw new DocumentError('unreadable', refusalOf(content));
	if (kind === 'text' || kind === 'markdown') return await decodeText(bytes);
	return (await readInProcess({ ...content, kind }, limits, signal, 'text')).document;
}

/**
 * As `extractText`, with the blocks of the document: headings, paragraphs, list items, tables, records, notes and code, each
 * with its offsets in the text.
 */
export async function readDocument(
	content: FileContent,
	limits: ReadLimits,
	signal: AbortSignal,
): Promise<ReadDocument> {
	const { kind } = content;
	if (kind === 'binary' || kind === 'text' || kind === 'markdown') {
		const found = await extractText(content, limits, signal);
		return { ...found, blocks: [{ type: 'paragraph', start: 0, end: found.text.length }] };
	}
	return (await readInProcess({ ...content, kind }, limits, signal, 'blocks')).document;
}

/** Files that hold other files. */
const CONTAINERS = ['eml', 'mbox', 'msg', 'zip'] as const satisfies readonly ParsedKind[];
export type Container = FileContent & { readonly kind: (typeof CONTAINERS)[number] };

export const isContainer = (content: FileContent): content is Container =>
	CONTAINERS.some((kind) => kind === content.kind);

/**
 * A mail, mailbox or archive with the files in it apart, where `extractText` puts all their texts together. The files are not
 * read.
 * @throws DocumentError, the signal's reason
 */
export async function openContainer(
	content: Container,
	limits: ReadLimits,
	signal: AbortSignal,
): Promise<OpenedContainer> {
	const { document, files } = await readInProcess(content, limits, signal, 'files');
	return { own: document, files };
}
