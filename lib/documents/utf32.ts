/** UTF-32, which `TextDecoder` does not know. */
export type Utf32 = 'utf-32le' | 'utf-32be';

/** Share of code points that are ASCII from which UTF-32 is recognised without its mark. */
const MIN_ASCII = 0.4;

/** UTF-32 by its mark, or by letters of ASCII that each have three zero bytes beside them. */
export function utf32Of(head: Uint8Array): Utf32 | undefined {
	const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
	const count = Math.floor(bytes.byteLength / 4);
	if (count === 0) return undefined;
	if (bytes.readUInt32LE(0) === 0xfeff) return 'utf-32le';
	if (bytes.readUInt32BE(0) === 0xfeff) return 'utf-32be';
	let [little, big] = [0, 0];
	for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
		if (isAscii(bytes.readUInt32LE(at))) little++;
		if (isAscii(bytes.readUInt32BE(at))) big++;
	}
	if (little >= count * MIN_ASCII) return 'utf-32le';
	return big >= count * MIN_ASCII ? 'utf-32be' : undefined;
}

const isAscii = (code: number): boolean => code >= 0x09 && code < 0x7f;

/** Bytes of UTF-32 as text; what is no letter of Unicode is read as U+FFFD. Bytes behind the last whole letter are left out. */
export function decodeUtf32(given: Uint8Array, encoding: Utf32): string {
	const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
	const letters: string[] = [];
	for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
		const code = encoding === 'utf-32le' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
		const isLetter = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
		letters.push(isLetter ? String.fromCodePoint(code) : '\ufffd');
	}
	return letters.join('');
}
