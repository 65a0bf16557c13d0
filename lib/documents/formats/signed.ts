import { detectKind } from '../detect';
import { DocumentError } from '../errors';
import type { Parse } from './parse';

/** Lists within lists that are looked into. */
const MAX_DEPTH = 16;

/** Types of content (RFC 5652, 5.1, 6.1) behind 1.2.840.113549.1.7, in hexadecimal. */
const SIGNED = '2a864886f70d010702';
const TYPE_PREFIX = '2a864886f70d0107';
/** Compressed data (RFC 3274). */
const COMPRESSED = '2a864886f70d0109100109';

interface Value {
	readonly tag: number;
	/** Where what it holds begins and ends. */
	readonly start: number;
	readonly end: number;
	/** Where the next value begins. */
	readonly next: number;
}

/** The parser of signed files (P7M): what was signed is read; the signature is not checked. */
export function loadSigned(): Parse {
	return async ({ bytes, name, readNested }, writer) => {
		const content = signedContent(bytes);
		const inner = name?.replace(/\.(?:p7m|p7s|p7c)$/i, '');
		const kind = detectKind(content, inner);
		if (kind === 'signed') {
			throw new DocumentError(
				'unreadable',
				'The file is signed more than once. Save what was signed by itself.',
			);
		}
		const problem = await readNested({ name: inner ?? '', bytes: content, title: '' }, writer);
		if (problem !== undefined) throw new DocumentError('unreadable', problem);
	};
}

/**
 * What was signed, of a CMS file (RFC 5652) in DER, BER, PEM or base64.
 * @throws DocumentError where it is encrypted, or holds a signature alone
 */
export function signedContent(file: Uint8Array): Uint8Array {
	const data = binaryOf(file);
	const [type, content] = childrenOf(data, valueAt(data, 0, data.byteLength), 2);
	const kind = type ? data.toString('hex', type.start, type.end) : '';
	if (kind !== SIGNED) {
		const isKnown = kind.startsWith(TYPE_PREFIX);
		throw new DocumentError(
			'unreadable',
			kind === COMPRESSED
				? 'The file is compressed (CMS). Open it in your mail program and save the mail itself.'
				: isKnown
					? 'The file is encrypted. Open it in your mail program, which has the key, and save the mail or file itself.'
					: 'The file is damaged: it is no signed file.',
		);
	}
	const signedData = content && childrenOf(data, content, 1)[0];
	// Version, algorithms, content.
	const capsule = signedData && childrenOf(data, signedData, 3)[2];
	const wrapped = capsule && childrenOf(data, capsule, 2)[1];
	const text = wrapped && childrenOf(data, wrapped, 1)[0];
	if (!text) {
		throw new DocumentError(
			'unreadable',
			'The file holds only a signature. Send the file that was signed; it has the same name without .p7s.',
		);
	}
	return octets(data, text);
}

/** The bytes of a file that may be base64, with a first line in PEM. */
function binaryOf(file: Uint8Array): Buffer {
	const data = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
	if (data[0] === 0x30) return data;
	const lines = data.toString('latin1').split(/\r?\n/);
	return Buffer.from(lines.filter((line) => !line.startsWith('-----')).join(''), 'base64');
}

/** The value that begins here (X.690, 8.1). */
function valueAt(data: Buffer, at: number, limit: number, depth = 0): Value {
	const tag = data[at] ?? 0;
	const first = data[at + 1];
	if (first === undefined || at + 2 > limit || (tag & 0x1f) === 0x1f || depth > MAX_DEPTH) throw damaged();
	if (first < 0x80) return bounded(tag, at + 2, at + 2 + first, limit);
	const count = first & 0x7f;
	const start = at + 2 + count;
	if (count === 0) {
		// Of unknown length: it ends with two zeros.
		let end = start;
		while (data[end] !== 0 || data[end + 1] !== 0) end = valueAt(data, end, limit, depth + 1).next;
		return { tag, start, end, next: end + 2 };
	}
	if (count > 6 || start > limit) throw damaged();
	return bounded(tag, start, start + data.readUIntBE(at + 2, count), limit);
}

function bounded(tag: number, start: number, end: number, limit: number): Value {
	if (end > limit) throw damaged();
	return { tag, start, end, next: end };
}

/** The first values within one. */
function childrenOf(data: Buffer, parent: Value, most: number): Value[] {
	const found: Value[] = [];
	for (let at = parent.start; at < parent.end && found.length < most; at = found.at(-1)?.next ?? Infinity) {
		found.push(valueAt(data, at, parent.end));
	}
	return found;
}

/** A text of bytes, which may come in parts. */
function octets(data: Buffer, value: Value): Uint8Array {
	if ((value.tag & 0x20) === 0) return data.subarray(value.start, value.end);
	return Buffer.concat(childrenOf(data, value, Infinity).map(({ start, end }) => data.subarray(start, end)));
}

const damaged = (): DocumentError =>
	new DocumentError('unreadable', 'The file is damaged: its signature cannot be read. Save it again.');
