import type { FileKind } from './kinds';

/** Lines with which a mail begins, whatever its file is called; one of them alone may stand in any text. */
const MAIL_HEADERS =
	/^(?:return-path|received|message-id|mime-version|delivered-to|x-\w[\w-]*|from|to|cc|subject|date|reply-to|content-type):/i;
/** Those that only programs write. */
const MAIL_MARKS = /^(?:return-path|received|message-id|mime-version|delivered-to):/i;

/** What a text is by how it begins; undefined where nothing tells. */
export function kindOfText(head: string): FileKind | undefined {
	const start = head.trimStart();
	if (start.startsWith('WEBVTT')) return 'subtitles';
	if (/^BEGIN:V(?:CALENDAR|CARD)\b/i.test(start)) return 'calendar';
	const [first = '', second = ''] = start.split(/\r?\n/, 2);
	if (/^From \S/.test(first) && /\d{4}$/.test(first.trim()) && /^[\w-]{1,50}:/.test(second)) return 'mbox';
	if (beginsAsMail(start)) return 'eml';
	return kindOfMarkup(start);
}

/** An HTML page, a workbook or OpenDocument file in a single part, or an XML file. */
export function kindOfMarkup(text: string): FileKind | undefined {
	const isXml = text.startsWith('<?xml');
	let start = isXml ? text.slice(text.indexOf('?>') + 2).trimStart() : text;
	if (start.startsWith('<!--')) {
		const end = start.indexOf('-->');
		start = end === -1 ? '' : start.slice(end + 3).trimStart();
	}
	if (/^<(?:!doctype html|html[\s>])/i.test(start)) return 'html';
	// "XML Spreadsheet 2003" of Excel, which many programs write, under the name .xls too.
	const workbook = start.startsWith('<?mso-application')
		? start.slice(start.indexOf('?>') + 2).trimStart()
		: start;
	if (/^<(?:\w{1,20}:)?Workbook\s[^>]*urn:schemas-microsoft-com:office:spreadsheet/.test(workbook))
		return 'xls';
	if (/^<office:document\s/.test(start)) {
		if (/opendocument\.spreadsheet/.test(start)) return 'ods';
		return /opendocument\.presentation/.test(start) ? 'odp' : 'odt';
	}
	return isXml ? 'xml' : undefined;
}

/** Two lines of a mail's head first, one of them as only programs write it. */
function beginsAsMail(start: string): boolean {
	const all = start.split(/\r?\n/);
	const end = all.indexOf('');
	const lines = all.slice(0, end === -1 ? undefined : end).filter((line) => !/^[ \t]/.test(line));
	return (
		lines.length >= 2 &&
		lines.slice(0, 3).every((line) => MAIL_HEADERS.test(line)) &&
		lines.some((line) => MAIL_MARKS.test(line))
	);
}
