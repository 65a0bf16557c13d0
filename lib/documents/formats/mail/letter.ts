import { DocumentError } from '../../errors';
import type { ReadHtml } from '../html';
import type { DocumentWriter } from '../writer';
import type { ReadNested } from '../parse';

/** A mail, whatever file it came from. */
export interface Letter {
	readonly subject?: string;
	readonly from: string;
	readonly to: string;
	readonly cc: string;
	/** ISO 8601 where it is known. */
	readonly date?: string;
	readonly text?: string | undefined;
	readonly html?: string | undefined;
	readonly attachments: ReadonlyArray<{
		readonly name: string;
		readonly mimeType?: string;
		readonly bytes: Uint8Array;
	}>;
}

/**
 * Writes a mail: who wrote it to whom and when, its text, and the text of each attachment below a heading with its name.
 */
export async function writeLetter(
	letter: Letter,
	writer: DocumentWriter,
	{ readHtml, readNested }: { readonly readHtml: ReadHtml; readonly readNested: ReadNested },
): Promise<void> {
	const { subject = '', from, to, cc, date = '', text = '', html = '', attachments } = letter;
	// RFC 3156, 4
	if (attachments.some(({ name, mimeType }) => /[/.]pgp-encrypted$/.test(mimeType ?? name))) {
		throw new DocumentError(
			'unreadable',
			'The mail is encrypted. Open it in your mail program, which has the key, and save the mail itself.',
		);
	}
	writer.record([
		['Subject', subject],
		['From', from],
		['To', to],
		['Cc', cc],
		['Date', date],
		['Attachments', attachments.map(({ name }) => name).join(', ')],
	]);
	if (text.trim() !== '')
		for (const paragraph of text.split(/\r?\n\s*\n/)) writer.paragraph(paragraph.replace(/\r/g, ''));
	else if (html !== '') readHtml(html, writer);
	for (const { name, mimeType, bytes } of attachments) {
		await readNested({ name, mimeType, bytes, title: `Attachment: ${name}` }, writer);
	}
}

/** Facts about a mail that stands alone in its file. */
export function describeLetter(
	{ subject, from, to, date, attachments }: Letter,
	writer: DocumentWriter,
): void {
	writer.setTitle(subject);
	writer.setFact('from', from);
	writer.setFact('to', to);
	writer.setFact('date', date);
	if (attachments.length > 0)
		writer.setFact(
			'attachments',
			attachments.slice(0, 100).map(({ name }) => name),
		);
}
