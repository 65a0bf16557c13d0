/*
 * Keyword search compares terms, and both back ends get them from here, so that they agree on what a word is.
 * No stemming and no stop words: the index does not know the language, and BM25 discounts common words by itself.
 */

// Letters with their marks, digits and underscores; scripts written without spaces are cut in two-character pieces
// (the usual "CJK bigram" analysis), since a whole sentence would otherwise be one term.
const WORD = /[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*/gu;
const UNSPACED =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}]+/gu;
const MARKS = /\p{M}+/gu;
const PLAIN = /^[a-z0-9_]*$/;
const ASCII = /^[\0-\x7f]*$/;
/** What WORD finds in lower-case ASCII, at a third of the time and an eighth of the memory. */
const ASCII_WORD = /[a-z0-9_]+/g;
/** Longer "words" are base64, hashes or mistakes; their beginning is enough to find them. */
const MAX_TERM = 64;
/** A 10,000-character question has its say with its first words. */
const MAX_QUERY_TERMS = 256;

/** The terms of a text in order, with repetitions: words in lower case, without accents. */
export function termsOf(text: string): string[] {
	if (ASCII.test(text)) {
		const words = text.toLowerCase().match(ASCII_WORD) ?? [];
		return words.some(({ length }) => length > MAX_TERM)
			? words.map((word) => word.slice(0, MAX_TERM))
			: words;
	}
	const terms: string[] = [];
	for (const [word] of text.matchAll(WORD)) {
		const term = fold(word);
		if (PLAIN.test(term)) terms.push(term.slice(0, MAX_TERM));
		else splitUnspaced(term, terms);
	}
	return terms;
}

/** For each ASCII code the byte it has in a term; 0 between terms. */
const TERM_BYTE = Uint8Array.from({ length: 128 }, (_, code) => {
	const character = String.fromCharCode(code).toLowerCase();
	return PLAIN.test(character) ? character.charCodeAt(0) : 0;
});
const SPACE = 0x20;

/**
 * `termsOf(text).join(' ')` as UTF-8, to be written where it is wanted: for ASCII without a string in between, which
 * is five times as fast and leaves no garbage.
 */
export class TermLine {
	/** The line takes no more bytes than this. */
	readonly maxBytes: number;
	private readonly line: string | undefined;

	constructor(private readonly text: string) {
		const bytes = Buffer.byteLength(text);
		this.line = bytes === text.length ? undefined : termsOf(text).join(' ');
		this.maxBytes = this.line === undefined ? bytes : Buffer.byteLength(this.line);
	}

	/** Returns where the line ends. */
	write(target: Buffer, start: number): number {
		if (this.line !== undefined) return start + target.write(this.line, start, 'utf8');
		const end = start + target.write(this.text, start, 'latin1');
		let out = start;
		let length = 0;
		// In place: what is written never overtakes what is read.
		for (let at = start; at < end; at++) {
			const byte = TERM_BYTE[target[at] ?? 0] ?? 0;
			if (byte === 0) {
				if (length > 0) target[out++] = SPACE;
				length = 0;
			} else if (length < MAX_TERM) {
				target[out++] = byte;
				length++;
			}
		}
		return length === 0 && out > start ? out - 1 : out;
	}
}

/** The distinct terms of a question. */
export function queryTermsOf(text: string): string[] {
	const distinct = new Set<string>();
	for (const term of termsOf(text)) {
		distinct.add(term);
		if (distinct.size === MAX_QUERY_TERMS) break;
	}
	return [...distinct];
}

function fold(word: string): string {
	const lower = word.toLowerCase();
	// NFKD separates accents (é → e + mark) and unifies forms (ﬁ → fi, full-width letters); plain ASCII needs neither.
	return PLAIN.test(lower) ? lower : lower.normalize('NFKD').replace(MARKS, '').normalize('NFC');
}

function splitUnspaced(term: string, terms: string[]): void {
	let end = 0;
	for (const match of term.matchAll(UNSPACED)) {
		pushWhole(term.slice(end, match.index), terms);
		const characters = [...match[0]];
		if (characters.length === 1) terms.push(match[0]);
		for (let i = 0; i + 1 < characters.length; i++) terms.push(`${characters[i]}${characters[i + 1]}`);
		end = match.index + match[0].length;
	}
	pushWhole(term.slice(end), terms);
}

function pushWhole(term: string, terms: string[]): void {
	if (term) terms.push(term.slice(0, MAX_TERM).toWellFormed());
}
