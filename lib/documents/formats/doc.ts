import { DocumentError } from '../errors';
import { legible } from './legible';
import type { Parse } from './parse';

/** The parser of Word files before 2007 (DOC). */
export async function loadDoc(): Promise<Parse> {
	const { default: WordExtractor } = await import('word-extractor');
	return async ({ bytes }, writer) => {
		const file = await new WordExtractor().extract(Buffer.from(bytes));
		const body = legible(file.getBody());
		if (body === undefined) {
			throw new DocumentError(
				'unreadable',
				'The letters of the Word file cannot be read; it may be protected by a password. Open it in Word and save it as .docx.',
			);
		}
		const headers = file.getHeaders({ includeFooters: false }).trim();
		if (headers !== '') writer.note(`Header: ${headers}`);
		for (const paragraph of body.split(/\r?\n/)) writer.paragraph(paragraph.replace(/\t{2,}/g, '\t'));
		for (const part of [file.getTextboxes(), file.getFootnotes(), file.getEndnotes()]) writer.note(part);
		const comments = file.getAnnotations().trim();
		if (comments !== '') writer.note(`Comments: ${comments}`);
	};
}
