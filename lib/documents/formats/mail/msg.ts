import type { FieldsData } from '@kenjiuno/msgreader';
import { loadHtmlReader } from '../html';
import type { Parse } from '../parse';
import { codePageOfLanguage, encodingOfPage } from '../rtf/charsets';
import { decodePage } from '../rtf/dosPages';
import { describeLetter, writeLetter, type Letter } from './letter';

/** The parser of mails that Outlook saved (MSG). */
export async function loadOutlookMail(): Promise<Parse> {
	const [{ default: library }, readHtml] = await Promise.all([
		import('@kenjiuno/msgreader'),
		loadHtmlReader(),
	]);
	// Node gives the module as a whole where it loads it by itself, a compiler the class.
	const { default: inner }: { readonly default?: typeof library.default } = library;
	const MsgReader = inner ?? (library as unknown as typeof library.default);
	return async ({ bytes, readNested }, writer) => {
		const reader = readerOf(bytes, MsgReader);
		const letter = letterOf(reader.getFileData(), (attachment) => reader.getAttachment(attachment));
		describeLetter(letter, writer);
		await writeLetter(letter, writer, { readHtml, readNested });
	};
}

/**
 * Mails of Outlook before 2003 are in the code page that they name, else in that of their language; the one "of the internet" is
 * that of their HTML ([MS-OXCMAIL] 2.2.3).
 */
function readerOf<T extends { getFileData(): FieldsData; parserConfig?: { ansiEncoding?: string } }>(
	bytes: Uint8Array,
	Reader: new (data: ArrayBuffer) => T,
): T {
	const data = new Uint8Array(bytes).buffer;
	const reader = new Reader(data);
	const { messageCodepage, messageLocaleId } = reader.getFileData();
	const encoding = encodingOfPage(messageCodepage ?? codePageOfLanguage(messageLocaleId ?? 0));
	if (encoding === 'windows-1252') return reader;
	const again = new Reader(data);
	again.parserConfig = { ansiEncoding: encoding };
	return again;
}

function letterOf(
	fields: FieldsData,
	contentOf: (attachment: FieldsData) => { readonly fileName: string; readonly content: Uint8Array },
): Letter {
	const { subject, body, html, bodyHtml, recipients = [], attachments = [] } = fields;
	const people = (type: string): string =>
		recipients
			.filter(({ recipType = 'to' }) => recipType === type)
			.map(({ name, smtpAddress, email }) => personText(name, smtpAddress ?? email))
			.join(', ');
	const sent = new Date(fields.clientSubmitTime ?? fields.messageDeliveryTime ?? '');
	const markup =
		bodyHtml ?? (html ? decodePage(html, encodingOfPage(fields.internetCodepage ?? 65_001)) : undefined);
	return {
		...(subject === undefined ? {} : { subject }),
		from: personText(fields.senderName, fields.senderSmtpAddress ?? fields.senderEmail),
		to: people('to'),
		cc: people('cc'),
		...(Number.isNaN(sent.getTime()) ? {} : { date: sent.toISOString() }),
		...(body === undefined ? {} : { text: body }),
		...(markup === undefined ? {} : { html: markup }),
		attachments: attachments.flatMap((attachment) => {
			const { attachmentHidden, pidContentId, innerMsgContent } = attachment;
			if (attachmentHidden === true || (pidContentId !== undefined && !innerMsgContent)) return [];
			const { fileName, content } = contentOf(attachment);
			return [{ name: fileName || attachment.fileName || 'attachment', bytes: content }];
		}),
	};
}

const personText = (name = '', mail = ''): string =>
	mail === '' || !mail.includes('@') || name === mail
		? name || mail
		: name === ''
			? mail
			: `${name} <${mail}>`;
