import { DocumentError } from '../errors';
import { legible } from './legible';
import type { Parse } from './parse';

/** The parser of Word files before 2007 (DOC). */
export async function loadDoc(): Promise<Parse> {
	const { default: WordExtractor } = await import('word-extractor');
	return async ({ bytes }, writer) => {
		const data = Buffer.from(bytes);
		refuseUnread(data);
		const file = await new WordExtractor().extract(data);
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

/** Streams of an OLE file begin at multiples of this, those of small files too. */
const SECTOR = 64;
/** Versions of the format: of Word 6 and 95, and since Word 97. */
const isOldVersion = (version: number): boolean => version >= 101 && version <= 105;
const isVersion = (version: number): boolean => version >= 193 && version <= 274;

/**
 * By how the text's stream begins ([MS-DOC] 2.5.2): its mark, and the flag of encryption.
 * @throws DocumentError
 */
function refuseUnread(data: Buffer): void {
	for (let at = 512; at + 12 <= data.byteLength; at += SECTOR) {
		const mark = data.readUInt16LE(at);
		const version = data.readUInt16LE(at + 2);
		if (mark === 0xa5dc && isOldVersion(version)) {
			throw new DocumentError(
				'unreadable',
				'The file is in the format of Word 6 or 95. Open it in Word or LibreOffice and save it as .docx.',
			);
		}
		if (mark !== 0xa5ec || !isVersion(version)) continue;
		if ((data.readUInt16LE(at + 10) & 0x100) === 0) return;
		throw new DocumentError(
			'unreadable',
			'The file is protected by a password. Open it in Word, remove the password (File, Info, Protect Document) and save it as .docx.',
		);
	}
}
