import { compoundKind, zipKind } from './containers';
import { encodingOf } from './encoding';
import { extensionOf, KIND_OF_EXTENSION, KIND_OF_MIME_TYPE } from './extensions';
import type { FileKind } from './kinds';
import { kindOfText } from './textKinds';

/** Bytes looked at: PDF allows its mark within the first 1,024 (ISO 32000-1, annex H 3.4.1). */
const SNIFF_BYTES = 4096;

/** How files begin that pass for text and are none. */
const NO_TEXT = ['II*\0', 'MM\0*', '8BPS', '\x30\x82', '\x30\x80', '-----BEGIN PKCS7', '%!PS'];

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
	if (start.startsWith('\xd0\xcf\x11\xe0')) return compoundKind(bytes) ?? 'binary';
	// Excel before 5.0 wrote no OLE file: the beginning of a BIFF stream.
	if (OLD_SHEETS.some((mark) => start.startsWith(mark))) return 'xls';
	if (start.startsWith('{\\rtf')) return 'rtf';
	if (NO_TEXT.some((mark) => start.startsWith(mark))) return 'binary';
	const encoding = encodingOf(head);
	if (encoding === undefined) return 'binary';
	const text = new TextDecoder(encoding).decode(head).replace(/^\uFEFF/, '');
	const named =
		KIND_OF_EXTENSION.get(extensionOf(name)) ??
		KIND_OF_MIME_TYPE.get(mimeType?.split(';')[0]?.trim().toLowerCase() ?? '');
	// An extension like .txt says the least.
	if (named !== undefined && named !== 'text') return named;
	return kindOfText(text) ?? 'text';
}
