/**
 * The first half of OpenAI's tokenizers: a text is split into pieces (a word with the space before it, up to three
 * digits, a run of marks, white space), which are then encoded one by one. The patterns are those of tiktoken; they are
 * run by hand over a table of character classes because a regular expression with \p{…} is three times slower and
 * overflows its stack on a run of some million letters.
 */

const LETTER = 1;
const NUMBER = 2;
const SPACE = 4;
const LINE = 8;
/** [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]: what a capitalised word starts with, in o200k. */
const UPPER = 16;
/** [\p{Ll}\p{Lm}\p{Lo}\p{M}]: what it goes on with. */
const LOWER = 32;

let table: Uint8Array | undefined;

function classOf(character: string): number {
	let kind = 0;
	if (/^\p{L}/u.test(character)) kind |= LETTER;
	if (/^\p{N}/u.test(character)) kind |= NUMBER;
	if (/^\s/u.test(character)) kind |= SPACE;
	if (character === '\r' || character === '\n') kind |= LINE;
	if (/^[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]/u.test(character)) kind |= UPPER;
	if (/^[\p{Ll}\p{Lm}\p{Lo}\p{M}]/u.test(character)) kind |= LOWER;
	return kind;
}

function classes(): Uint8Array {
	if (table) return table;
	table = new Uint8Array(0x10000);
	for (let unit = 0; unit < 0x10000; unit++) table[unit] = classOf(String.fromCharCode(unit));
	return table;
}

/** Classes of characters beyond the table, as they turn up; there are 1.1 million of them, of which a text has few. */
const astral = new Map<number, number>();
const MOST_ASTRAL = 10_000;

/** Class in the low byte, 256 added where the character has two units. */
const PAIR = 256;

function classAt(text: string, at: number, known: Uint8Array): number {
	const unit = text.charCodeAt(at);
	if (unit >= 0xd800 && unit <= 0xdbff) {
		const point = text.codePointAt(at) ?? unit;
		if (point > 0xffff) {
			let kind = astral.get(point);
			if (kind === undefined) {
				kind = classOf(String.fromCodePoint(point)) | PAIR;
				if (astral.size < MOST_ASTRAL) astral.set(point, kind);
			}
			return kind;
		}
	}
	return known[unit] ?? 0;
}

function runEnd(text: string, from: number, mask: number, known: Uint8Array): number {
	let at = from;
	while (at < text.length) {
		const kind = classAt(text, at, known);
		if ((kind & mask) === 0) break;
		at += kind & PAIR ? 2 : 1;
	}
	return at;
}

/** Returns the end of the piece that starts at `at`. */
export type NextPiece = (text: string, at: number) => number;

/** `'s`, `'t`, `'re` … at `at`: its length, or 0. */
function contraction(text: string, at: number): number {
	if (text.charCodeAt(at) !== 39) return 0;
	const first = text.charAt(at + 1).toLowerCase();
	if (first === 's' || first === 't' || first === 'm' || first === 'd') return isAscii(text, at + 1) ? 2 : 0;
	if (first !== 'r' && first !== 'v' && first !== 'l') return 0;
	const second = text.charAt(at + 2).toLowerCase();
	return second === (first === 'l' ? 'l' : 'e') && isAscii(text, at + 2) ? 3 : 0;
}

function isAscii(text: string, at: number): boolean {
	return text.charCodeAt(at) < 128;
}

/** `\p{N}{1,3}`, ` ?[^\s\p{L}\p{N}]+[\r\n]*`, `\s*[\r\n]+`, `\s+(?!\S)` and `\s+`, which both patterns end with. */
function endOfOther(text: string, at: number, known: Uint8Array, slashToo: boolean): number {
	const kind = classAt(text, at, known);
	const width = kind & PAIR ? 2 : 1;
	if (kind & NUMBER) {
		let end = at + width;
		for (let more = 0; more < 2; more++) {
			const next = end < text.length ? classAt(text, end, known) : 0;
			if ((next & NUMBER) === 0) break;
			end += next & PAIR ? 2 : 1;
		}
		return end;
	}
	const marks = text.charCodeAt(at) === 32 ? at + 1 : at;
	let end = marks;
	while (end < text.length) {
		const next = classAt(text, end, known);
		if (next & (SPACE | LETTER | NUMBER)) break;
		end += next & PAIR ? 2 : 1;
	}
	if (end > marks) {
		for (; end < text.length; end++) {
			const unit = text.charCodeAt(end);
			if (unit !== 10 && unit !== 13 && !(slashToo && unit === 47)) break;
		}
		return end;
	}
	return endOfWhite(text, at, known);
}

function endOfWhite(text: string, at: number, known: Uint8Array): number {
	let end = at;
	let lastLine = -1;
	for (; end < text.length; end++) {
		const kind = known[text.charCodeAt(end)] ?? 0;
		if ((kind & SPACE) === 0) break;
		if (kind & LINE) lastLine = end;
	}
	if (lastLine >= 0) return lastLine + 1;
	// The last space goes with the word behind it.
	return end < text.length && end - at > 1 ? end - 1 : end;
}

function createCl100k(): NextPiece {
	const known = classes();
	return (text, at) => {
		const unit = text.charCodeAt(at);
		if (unit === 39) {
			const length = contraction(text, at);
			if (length > 0) return at + length;
		}
		const kind = classAt(text, at, known);
		const width = kind & PAIR ? 2 : 1;
		if (kind & LETTER) return runEnd(text, at + width, LETTER, known);
		if ((kind & (NUMBER | LINE)) === 0) {
			const end = runEnd(text, at + width, LETTER, known);
			if (end > at + width) return end;
		}
		return endOfOther(text, at, known, false);
	};
}

function createO200k(): NextPiece {
	const known = classes();
	return (text, at) => {
		const kind = classAt(text, at, known);
		const width = kind & PAIR ? 2 : 1;
		const prefix = (kind & (NUMBER | LINE | LETTER)) === 0 ? at + width : -1;
		let end = prefix < 0 ? -1 : capitalised(text, prefix, known);
		if (end < 0) end = capitalised(text, at, known);
		if (end < 0 && prefix >= 0) end = capitals(text, prefix, known);
		if (end < 0) end = capitals(text, at, known);
		return end < 0 ? endOfOther(text, at, known, true) : end + contraction(text, end);
	};
}

/** `UPPER*LOWER+`: the end, or -1. */
function capitalised(text: string, from: number, known: Uint8Array): number {
	let at = from;
	// Behind the last character so far that is of both classes: where a run of capitals is given back to.
	let lastBoth = -1;
	while (at < text.length) {
		const kind = classAt(text, at, known);
		if ((kind & UPPER) === 0) break;
		at += kind & PAIR ? 2 : 1;
		if (kind & LOWER) lastBoth = at;
	}
	const end = runEnd(text, at, LOWER, known);
	return end > at ? end : lastBoth;
}

/** `UPPER+LOWER*`: the end, or -1. */
function capitals(text: string, from: number, known: Uint8Array): number {
	const at = runEnd(text, from, UPPER, known);
	return at > from ? runEnd(text, at, LOWER, known) : -1;
}

export const createNextPiece = { cl100k: createCl100k, o200k: createO200k } as const;
