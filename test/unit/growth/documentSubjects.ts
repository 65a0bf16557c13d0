import { FORMATS } from '../../../lib/documents/formats';
import { KeptPages } from '../../../lib/documents/formats/ocr/kept';
import { nestedReader } from '../../../lib/documents/formats/nested';
import { DocumentWriter } from '../../../lib/documents/formats/writer';
import type { ParsedKind } from '../../../lib/documents/kinds';
import { DOCUMENT_LIMITS } from '../../../lib/ingest/documents';
import type { Subject } from './measure';
import { oldWordOf } from './oldWord';

const noPage = (): void => undefined;
const bytesOf = (file: string | Buffer): Buffer => (typeof file === 'string' ? Buffer.from(file) : file);

/** What a file of a kind is around a hostile text, by the name of its subject. */
const FILES: ReadonlyArray<
	readonly [name: string, kind: ParsedKind, file: (text: string) => string | Buffer]
> = [
	['rtf/index.ts loadRtf', 'rtf', (text) => `{\\rtf1\\ansi ${text}\\par}`],
	['rtf/index.ts loadRtf words', 'rtf', (text) => `{\\rtf1 ${text.replaceAll('a', "{\\par\\u8364?\\'e4")}}`],
	['rtf/index.ts loadRtf tables', 'rtf', (text) => `{\\rtf1 ${text.replaceAll('a', '\\trowd\\cell\\row ')}}`],
	['xmlFile.ts loadXml', 'xml', (text) => `<?xml version="1.0"?><a>${text}</a>`],
	['xmlFile.ts loadXml entries', 'xml', (text) => `<a>${text.replaceAll('a', '<b c="d">e<f/></b>')}</a>`],
	['xmlFile.ts loadXml depth', 'xml', (text) => text.replaceAll('a', '<b>')],
	[
		'xmlFile.ts loadXml entities',
		'xml',
		(text) => `<!DOCTYPE a [<!ENTITY a "${text}"><!ENTITY b "&a;&a;&a;">]><a>${'&b;'.repeat(1000)}</a>`,
	],
	['mail/eml.ts loadMail', 'eml', (text) => `Subject: a\r\n\r\n${text}`],
	[
		'mail/eml.ts loadMail packed',
		'eml',
		(text) => `Subject: a\r\n\r\n${text.replaceAll('a', '\nbegin 644 b\n#86)C\n')}`,
	],
	['mail/eml.ts loadMail head', 'eml', (text) => `Subject: ${text}\r\nTo: ${text}\r\n\r\na`],
	[
		'mail/eml.ts loadMail html',
		'eml',
		(text) => `Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>${text}`,
	],
	['mail/eml.ts loadMailbox', 'mbox', (text) => `From a 2026\nSubject: a\n\n${text}`],
	['subtitles.ts loadSubtitles', 'subtitles', (text) => `WEBVTT\n\n00:01.000 --> 00:02.000\n${text}`],
	[
		'subtitles.ts loadSubtitles cues',
		'subtitles',
		(text) => text.replaceAll('a', '\n\n00:01.000 --> 00:02.000\n<v A>b'),
	],
	['calendar.ts loadCalendar', 'calendar', (text) => `BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:${text}`],
	[
		'calendar.ts loadCalendar entries',
		'calendar',
		(text) => `BEGIN:VCALENDAR\n${text.replaceAll('a', '\n b').replaceAll('1', '\nBEGIN:VEVENT\n')}`,
	],
	[
		'notebook.ts loadNotebook',
		'notebook',
		(text) => JSON.stringify({ cells: [{ cell_type: 'code', source: text }] }),
	],
	['csv.ts loadCsv', 'csv', (text) => `a;b\n${text}`],
	['doc/index.ts loadDoc', 'doc', oldWordOf],
	['json.ts loadJson', 'json', (text) => text],
	['json.ts loadJsonLines', 'jsonl', (text) => text],
];

/** Each parser of a kind of text, fed with hostile files of its kind. */
export const DOCUMENT_SUBJECTS: ReadonlyArray<readonly [name: string, run: Subject]> = FILES.map(
	([name, kind, file]) => [
		`documents/formats/${name}`,
		async (text: string) => {
			const parse = await FORMATS[kind]();
			const writer = new DocumentWriter(DOCUMENT_LIMITS.textLength);
			try {
				const bytes = bytesOf(file(text));
				const shared = { pageDone: noPage, keptPages: new KeptPages(bytes) };
				await parse({ bytes, readNested: nestedReader(FORMATS, shared), ...shared }, writer);
			} catch (error) {
				// Hostile files may be refused; what counts is the time.
				if (!(error instanceof Error)) throw error;
			}
			writer.finish();
		},
	],
);
