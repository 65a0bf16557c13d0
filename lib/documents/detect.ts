import { extname } from 'node:path';

export type FileKind = 'text' | 'markdown' | 'html' | 'pdf' | 'docx' | 'csv' | 'json' | 'jsonl' | 'binary';

const KIND_OF_EXTENSION: ReadonlyMap<string, FileKind> = new Map([
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
]);

const KIND_OF_MIME_TYPE: ReadonlyMap<string, FileKind> = new Map([
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
]);

/** Bytes looked at: PDF allows its mark within the first 1,024 (ISO 32000-1, annex H 3.4.1). */
const SNIFF_BYTES = 4096;

/**
 * The type of a file: the content decides where it has a mark (PDF, DOCX, binary), then the name's extension, then the
 * MIME type, then what the text begins with. A wrong name or MIME type never sends bytes to the wrong parser.
 */
export function detectKind(bytes: Uint8Array, name?: string, mimeType?: string): FileKind {
	const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SNIFF_BYTES));
	if (head.byteLength === 0) return 'binary';
	if (head.subarray(0, 1024).includes('%PDF-', 0, 'latin1')) return 'pdf';
	if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) {
		return isDocx(bytes) ? 'docx' : 'binary';
	}
	if (!isText(head)) return 'binary';
	const extension = extname(name ?? '')
		.slice(1)
		.toLowerCase();
	const mime = mimeType?.split(';')[0]?.trim().toLowerCase();
	return (
		KIND_OF_EXTENSION.get(extension) ??
		KIND_OF_MIME_TYPE.get(mime ?? '') ??
		(beginsAsPage(withoutBom(head)) ? 'html' : 'text')
	);
}

function beginsAsPage(head: string): boolean {
	let start = head.trimStart();
	if (start.startsWith('<!--')) {
		const end = start.indexOf('-->');
		start = end === -1 ? '' : start.slice(end + 3).trimStart();
	}
	return /^<(?:!doctype html|html[\s>])/i.test(start);
}

/** The package's main part is named in the zip's directory at the end of the file. */
function isDocx(bytes: Uint8Array): boolean {
	const tail = Buffer.from(
		bytes.buffer,
		bytes.byteOffset + Math.max(0, bytes.byteLength - (1 << 17)),
		Math.min(bytes.byteLength, 1 << 17),
	);
	return tail.includes('word/document.xml', 0, 'latin1');
}

/** UTF-16 with its mark, or bytes among which control codes are rare. */
function isText(head: Buffer): boolean {
	const mark = head.byteLength < 2 ? 0 : head.readUInt16BE(0);
	if (mark === 0xfffe || mark === 0xfeff) return true;
	let strange = 0;
	for (const byte of head) if (byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b) strange++;
	return strange <= head.byteLength / 50;
}

function withoutBom(head: Buffer): string {
	return head.toString('utf8').replace(/^\uFEFF/, '');
}
