import { compoundKind, zipKind } from './containers';
import { decodeHead } from './decode';
import { encodingOf } from './encoding';
import { extensionOf, KIND_OF_EXTENSION, KIND_OF_MIME_TYPE } from './extensions';
import type { FileKind } from './kinds';
import { kindOfMarkup, kindOfText } from './textKinds';

/** Bytes looked at: PDF allows its mark within the first 1,024 (ISO 32000-1, annex H 3.4.1). */
const SNIFF_BYTES = 4096;

/** How pictures begin whose text is recognised: PNG, JPEG, TIFF. */
const PICTURES = ['\x89PNG\r\n', '\xff\xd8\xff', 'II*\0', 'MM\0*'];
/** How files begin that pass for text and are none. */
const NO_TEXT = ['GIF8', '8BPS', '\x30\x82', '\x30\x80', '-----BEGIN PGP MESSAGE', '%!PS'];

const PRIVATE_KEY = /^-----BEGIN [A-Z ]{0,20}PRIVATE KEY/;

/** CMS (RFC 5652) in hexadecimal: a list that begins with a type of content, 1.2.840.113549.1.7 or 1.9. */
const SIGNED = /^30(?:80|81..|82.{4}|83.{6}|84.{8})060[9-b]2a864886f70d010[79]/;

/** How sheets of Excel 2, 3 and 4 begin. */
const OLD_SHEETS = ['\x09\0\x04\0', '\x09\x02\x06\0', '\x09\x04\x06\0'];

/**
 * The type of a file: the content decides where it has a mark (PDF, Office, pictures, mail with its headers), then the name's
 * extension, then the MIME type, then what the text begins with. A wrong name or MIME type never sends bytes to the wrong
 * parser.
 */
export function detectKind(bytes: Uint8Array, name?: string, mimeType?: string): FileKind {
	const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SNIFF_BYTES));
	if (head.byteLength === 0) return 'binary';
	if (head.subarray(0, 1024).includes('%PDF-', 0, 'latin1')) return 'pdf';
	const start = head.toString('latin1', 0, 64);
	if (start.startsWith('PK\x03\x04')) return zipKind(bytes) ?? 'binary';
	if (start.startsWith('\xd0\xcf\x11\xe0')) return compoundKind(bytes, extensionOf(name)) ?? 'binary';
	// Excel before 5.0 wrote no OLE file: the beginning of a BIFF stream.
	if (OLD_SHEETS.some((mark) => start.startsWith(mark))) return 'xls';
	if (start.startsWith('{\\rtf')) return 'rtf';
	if (isSigned(head, extensionOf(name))) return 'signed';
	if (PICTURES.some((mark) => start.startsWith(mark))) return 'image';
	if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'image';
	if (NO_TEXT.some((mark) => start.startsWith(mark)) || PRIVATE_KEY.test(start)) return 'binary';
	const encoding = encodingOf(head);
	if (encoding === undefined) return 'binary';
	const text = decodeHead(head, encoding);
	const named =
		KIND_OF_EXTENSION.get(extensionOf(name)) ??
		KIND_OF_MIME_TYPE.get(mimeType?.split(';')[0]?.trim().toLowerCase() ?? '');
	// A name like .xml says nothing of a workbook in XML.
	if (named === 'xml') return kindOfMarkup(text.trimStart()) ?? named;
	// An extension like .txt says the least.
	if (named !== undefined && named !== 'text') return named;
	return kindOfText(text) ?? 'text';
}

/** CMS as it is, in PEM, or, by the name of its file, in base64. */
function isSigned(head: Buffer, extension: string): boolean {
	const start = head.toString('latin1', 0, 64);
	return (
		SIGNED.test(head.toString('hex', 0, 32)) ||
		/^-----BEGIN (?:PKCS7|CMS)-----/.test(start) ||
		(/^MI[\w+/]{20}/.test(start) && /^p7[ms]$/.test(extension))
	);
}
