/**
 * What BERT's "uncased" normalisation makes of one code point (google-research/bert tokenization.py, BasicTokenizer):
 * clean, isolate CJK ideographs, NFD, drop marks, lower-case, split at punctuation.
 *
 * Everything here looks at one code point alone. Canonical reordering, the only step of NFD that looks at neighbours,
 * cannot change a token: the marks it moves are dropped, or (Mc with a combining class) are in no vocabulary entry and
 * make their word unknown in any order.
 */
export const UNSEEN = 0;
export const DROP = 1;
export const SPACE = 2;
export const LETTER = 3;
/** A word of its own: punctuation, or an ideograph. */
export const ALONE = 4;
/** Several code points after normalisation: the upper bits are an index into `expansions`. */
export const SEVERAL = 5;

/** One of the kinds above in the low bits; above them the letter's code (0: in no vocabulary entry) or the index of an expansion. */
export type CharacterEntry = number;
export const KIND_BITS = 3;
export const KIND_MASK = 7;

const DROPPED = /[\0\uFFFD\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;
const WHITE_SPACE = /\p{White_Space}/u;
// 2B920 is no typing error: the tokenizer these models were trained with has it so.
const IDEOGRAPH =
	/[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/u;
const MARKS = /\p{Mn}/gu;
const PUNCTUATION = /[!-/:-@[-`{-~\p{P}]/u;

/** A table from code point to entry, filled as code points are met: at most 4.4 MB, however hostile the text. */
export class CharacterTable {
	readonly ascii = new Int32Array(128);
	readonly expansions: CharacterEntry[][] = [];
	private readonly pages: Array<Int32Array | undefined> = new Array<Int32Array | undefined>(0x1100);

	/** @param codes the letter code of every code point that occurs in the vocabulary, from 1. */
	constructor(private readonly codes: ReadonlyMap<number, number>) {
		for (let c = 0; c < 128; c++) this.ascii[c] = this.classify(c);
	}

	entry(codePoint: number): CharacterEntry {
		const page = (this.pages[codePoint >> 8] ??= new Int32Array(256));
		const known = page[codePoint & 255] ?? UNSEEN;
		return known === UNSEEN ? (page[codePoint & 255] = this.classify(codePoint)) : known;
	}

	private classify(codePoint: number): CharacterEntry {
		const character = String.fromCodePoint(codePoint);
		// In this order: other control characters are white space too, and are dropped all the same.
		if (character === '\t' || character === '\n' || character === '\r') return SPACE;
		if (DROPPED.test(character)) return DROP;
		if (WHITE_SPACE.test(character)) return SPACE;
		const alone = IDEOGRAPH.test(character);
		const entries: CharacterEntry[] = [];
		for (const decomposed of character.normalize('NFD').replace(MARKS, '')) {
			for (const lower of decomposed.toLowerCase()) {
				const kind = alone || PUNCTUATION.test(lower) ? ALONE : LETTER;
				entries.push(kind | ((this.codes.get(lower.codePointAt(0) ?? 0) ?? 0) << KIND_BITS));
			}
		}
		if (entries.length === 0) return DROP;
		if (entries.length === 1) return entries[0] ?? DROP;
		return SEVERAL | ((this.expansions.push(entries) - 1) << KIND_BITS);
	}
}
