/*
 * What each character is to the reader of terms. Regular expressions of Unicode properties answer in a tenth of a
 * microsecond, which a text has no time for: they are asked once a character, by blocks of 256.
 */

/** What a code unit is. `PAIR`: half of a character beyond the first 65,536. */
export const NONE = 0;
export const MARK = 1;
export const LETTER = 2;
export const DIGIT = 3;
/** Scripts written without spaces: Chinese and Japanese, and those of which a letter with its marks is one character. */
export const EASTERN = 4;
export const SOUTHERN = 5;
export const KOREAN = 6;
const PAIR = 7;

const WORD = /[\p{L}\p{M}\p{N}]/u;
const IS_MARK = /\p{M}/u;
const IS_DIGIT = /[0-9]/;
// With \p{scx} the long vowel of kana (ー) is one of them.
const IS_EASTERN = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]/u;
const IS_SOUTHERN = /[\p{sc=Thai}\p{sc=Khmer}\p{sc=Lao}\p{sc=Myanmar}]/u;
const IS_KOREAN = /\p{sc=Hangul}/u;
const BLOCK = 256;

const blocks = new Array<Uint8Array | undefined>(65_536 / BLOCK);

/** What the character at that place of a prepared text is. */
export function kindAt(text: string, at: number): number {
	const code = text.charCodeAt(at);
	if (!(code >= 0)) return NONE;
	const block = (blocks[code >> 8] ??= readBlock(code >> 8));
	const kind = block[code & 255] ?? NONE;
	return kind === PAIR ? kindOf(String.fromCodePoint(text.codePointAt(at) ?? 0)) : kind;
}

/** Code units of the character at that place. */
export function widthAt(text: string, at: number): number {
	return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function readBlock(block: number): Uint8Array {
	return Uint8Array.from({ length: BLOCK }, (_, i) => {
		const code = block * BLOCK + i;
		return code >= 0xd800 && code <= 0xdbff ? PAIR : kindOf(String.fromCharCode(code));
	});
}

function kindOf(character: string): number {
	if (!WORD.test(character)) return NONE;
	if (IS_EASTERN.test(character)) return EASTERN;
	if (IS_SOUTHERN.test(character)) return SOUTHERN;
	if (IS_KOREAN.test(character)) return KOREAN;
	if (IS_MARK.test(character)) return MARK;
	return IS_DIGIT.test(character) ? DIGIT : LETTER;
}
