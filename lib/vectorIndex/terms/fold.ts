/*
 * One spelling for what people take for the same letters, and never one for different words: accents go from Latin and
 * Greek letters, vowel signs stay in Indic and Thai words, voicing marks stay in kana.
 */

const ASCII = /^[\0-\x7f]*$/;
/** Folded away before words are cut: a soft hyphen at a line's end takes the line break with it. */
const SOFT_HYPHEN = /\u00ad[ \t]*(?:\r?\n[ \t]*)?/g;
/** Direction marks, joiners and the like, which nobody types. A zero-width space separates words. */
const INVISIBLE = /(?!\u200b)[\p{Cf}\p{VS}]/gu;
/** Persian writes prefixes and suffixes behind a joiner, a space or nothing: a hyphen gives the parts and the whole. */
const HALF_SPACE = /(?<=\p{sc=Arab})\u200c(?=\p{sc=Arab})/gu;
/** Apostrophes that Unicode has as letters (Ukrainian "обʼєкт", Uzbek "oʻzbek"): most people type another one. */
const APOSTROPHE = /[\u02bb-\u02bd]/g;
/** Between the digits of Arabic numbers. */
const SEPARATOR = /[\u066b\u066c]/g;
/** Hindi writes a nasal before a consonant of its class in full or as a dot (हिन्दी, हिंदी), and the moon dot often as a dot. */
const NASAL =
	/\u0901|\u0919\u094d(?=[क-घ])|\u091e\u094d(?=[च-झ])|\u0923\u094d(?=[ट-ढ])|\u0928\u094d(?=[त-ध])|\u092e\u094d(?=[प-भ])/g;
const DOT = '\u0902';
const DIGIT = /(?![0-9])\p{Nd}/gu;
const MARKED = /(?![\0-\x7f])[\p{sc=Latin}\p{sc=Greek}]\p{M}*|[a-z]\p{M}+/gu;
const MARKS = /\p{M}/gu;
const LETTERS: { readonly [letter: string]: string } = {
	...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ħ: 'h', ŧ: 't', ŋ: 'n', ı: 'i' },
	...{ ς: 'σ', ё: 'е', ґ: 'г' },
	...{ أ: 'ا', إ: 'ا', آ: 'ا', ٱ: 'ا', ى: 'ي', ی: 'ي', ئ: 'ي', ؤ: 'و', ة: 'ه', ۀ: 'ه', ہ: 'ه', ک: 'ك' },
	...{ ך: 'כ', ם: 'מ', ן: 'נ', ף: 'פ', ץ: 'צ' },
};
/**
 * Those letters, and what goes: the stress mark of Russian textbooks, vowel points of Hebrew and Arabic, which are mostly
 * left out, and the line-stretcher of Arabic.
 */
const FOLDED =
	/\u0301|[\u0591-\u05c7]|[\u0610-\u061a]|\u0640|[\u064b-\u065f]|\u0670|[ßæœøłđðþħŧŋıςёґأإآٱىیئؤةۀہکךםןףץ]/g;
/** How the letters are written where a keyboard lacks them (German, Danish, Norwegian, Swedish). */
const TWO_LETTERS: { readonly [letter: string]: string } = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' };
const UMLAUT = /[äöüøå]/g;

/** The text in lower case, in Unicode's compatibility form (full-width and half-width letters, ligatures), with ASCII digits. */
export function prepare(text: string): string {
	if (ASCII.test(text)) return text.toLowerCase();
	return text
		.replace(SOFT_HYPHEN, '')
		.replace(HALF_SPACE, '-')
		.replace(INVISIBLE, '')
		.replace(APOSTROPHE, "'")
		.normalize('NFKC')
		.replace(DIGIT, digitOf)
		.replace(SEPARATOR, (separator) => (separator === '\u066b' ? '.' : ','))
		.replace(NASAL, DOT)
		.toLowerCase();
}

/** Digits of every script stand in rows of ten that begin with the zero. */
function digitOf(digit: string): string {
	const code = digit.codePointAt(0) ?? 0;
	let value = 0;
	while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
	return String(value);
}

/** The one spelling of a prepared word. */
export function fold(word: string): string {
	if (ASCII.test(word)) return word;
	return word.replace(MARKED, unmarked).replace(FOLDED, (letter) => LETTERS[letter] ?? '');
}

function unmarked(letter: string): string {
	return letter.normalize('NFD').replace(MARKS, '');
}

/** The spelling with two letters for an umlaut ("müller" → "mueller"); undefined where the word has none. */
export function foldTwoLetters(word: string): string | undefined {
	if (word.search(UMLAUT) < 0) return undefined;
	return fold(word.replace(UMLAUT, (letter) => TWO_LETTERS[letter] ?? letter));
}
