import { utf32Of } from './utf32';

/** Bytes that stand in no text: control codes except white space, backspace and escape. */
const isStrange = (byte: number): boolean => byte < 0x20 && (byte < 0x08 || byte > 0x0d) && byte !== 0x1b;

/** Share of strange bytes from which bytes are no text. */
const MAX_STRANGE = 1 / 50;
/** Of UTF-16, the share of code units that are ASCII from which it is recognised without its mark. */
const MIN_ASCII_UNITS = 0.4;

/**
 * The encoding of a byte order mark, or UTF-16 and UTF-32 recognised by their zero bytes; `utf-8` where nothing speaks against bytes being
 * text in an encoding of single bytes; undefined where they are no text.
 */
export function encodingOf(head: Uint8Array): string | undefined {
	if (isEbcdic(head)) return undefined;
	const marked = utf32Of(head) ?? encodingOfMark(head);
	if (marked !== undefined) return marked;
	const wide = wideEncodingOf(head);
	if (wide !== undefined) return wide;
	let strange = 0;
	for (const byte of head) if (isStrange(byte)) strange++;
	return strange <= head.byteLength * MAX_STRANGE ? 'utf-8' : undefined;
}

export function encodingOfMark(bytes: Uint8Array): string | undefined {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
	if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
	return undefined;
}

/** UTF-16 without its mark: letters, digits and spaces of ASCII beside zero bytes, all at odd or all at even places. */
function wideEncodingOf(head: Uint8Array): string | undefined {
	const units = Math.floor(head.byteLength / 2);
	if (units < 2) return undefined;
	let little = 0;
	let big = 0;
	for (let at = 0; at + 1 < head.byteLength; at += 2) {
		const [first = 0, second = 0] = [head[at], head[at + 1]];
		if (second === 0 && isPlain(first)) little++;
		if (first === 0 && isPlain(second)) big++;
	}
	if (little >= units * MIN_ASCII_UNITS && big === 0) return 'utf-16le';
	return big >= units * MIN_ASCII_UNITS && little === 0 ? 'utf-16be' : undefined;
}

const isPlain = (byte: number): boolean => (byte >= 0x20 ? byte < 0x7f : byte >= 0x09 && byte <= 0x0d);

/** Bytes that are blanks, letters and figures of EBCDIC, and what they must come to for a text of a mainframe. */
const MIN_EBCDIC = { bytes: 32, letters: 0.6, blanks: 0.04 };

/** EBCDIC (code page 037 or 500): no blanks of ASCII, but its own, and letters that all lie above ASCII. */
export function isEbcdic(head: Uint8Array): boolean {
	if (head.byteLength < MIN_EBCDIC.bytes || head.includes(0x20) || head.includes(0x0a)) return false;
	let [letters, blanks] = [0, 0];
	for (const byte of head) {
		const low = byte & 0x0f;
		if (byte === 0x40) blanks++;
		else if (byte >= 0x81 && low <= 9 && (low > 0 || byte >= 0xf0)) letters++;
	}
	const { letters: share, blanks: least } = MIN_EBCDIC;
	return letters >= (head.byteLength - blanks) * share && blanks >= head.byteLength * least;
}
