import { extname } from 'node:path';
import type { FileKind } from './kinds';

/** In small letters, without the dot. */
export const extensionOf = (name = ''): string => extname(name.trim()).slice(1).toLowerCase();

/** Of text files; files with a mark of their own are recognised by it. */
export const KIND_OF_EXTENSION: ReadonlyMap<string, FileKind> = new Map([
	['txt', 'text'],
	['text', 'text'],
	['log', 'text'],
	['md', 'markdown'],
	['markdown', 'markdown'],
	['mdx', 'markdown'],
	['html', 'html'],
	['htm', 'html'],
	['xhtml', 'html'],
	['csv', 'csv'],
	['tsv', 'csv'],
	['json', 'json'],
	['jsonl', 'jsonl'],
	['ndjson', 'jsonl'],
	['xml', 'xml'],
	['rss', 'xml'],
	['atom', 'xml'],
	['svg', 'xml'],
	['eml', 'eml'],
	['mht', 'eml'],
	['mhtml', 'eml'],
	['mbox', 'mbox'],
	['mbx', 'mbox'],
	['vtt', 'subtitles'],
	['srt', 'subtitles'],
	['ics', 'calendar'],
	['ical', 'calendar'],
	['vcf', 'calendar'],
	['ipynb', 'notebook'],
]);

export const KIND_OF_MIME_TYPE: ReadonlyMap<string, FileKind> = new Map([
	['text/markdown', 'markdown'],
	['text/x-markdown', 'markdown'],
	['text/html', 'html'],
	['application/xhtml+xml', 'html'],
	['text/csv', 'csv'],
	['text/tab-separated-values', 'csv'],
	['application/json', 'json'],
	['application/x-ndjson', 'jsonl'],
	['application/jsonl', 'jsonl'],
	['application/x-jsonlines', 'jsonl'],
	['text/xml', 'xml'],
	['application/xml', 'xml'],
	['message/rfc822', 'eml'],
	['application/mbox', 'mbox'],
	['text/vtt', 'subtitles'],
	['application/x-subrip', 'subtitles'],
	['text/calendar', 'calendar'],
	['text/vcard', 'calendar'],
	['application/x-ipynb+json', 'notebook'],
]);
