/**
 * Where a text breaks naturally, judged from the few characters around a place, so that one backward look over the end
 * of a window finds the best cut. White space stays with the text before it. Ranks from the reference list: heading,
 * paragraph, line, sentence, clause, word.
 */

export const RANK = { none: 0, word: 1, clause: 2, sentence: 3, line: 4, paragraph: 5, heading: 6 } as const;
export type Rank = (typeof RANK)[keyof typeof RANK];

const SPACE = 1;
const NEWLINE = 2;
const SENTENCE_END = 3;
const CLAUSE_END = 4;
const CLOSER = 5;
/** Ends a sentence or clause without a space behind it (Chinese, Japanese). */
const WIDE_SENTENCE_END = 6;
const WIDE_CLAUSE_END = 7;
const WIDE_CLOSER = 8;

const CLASS = new Uint8Array(0x10000);
const CHARACTERS_OF_CLASS: ReadonlyArray<readonly [kind: number, characters: string]> = [
	[SPACE, ' \t\v\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f\u3000'],
	[NEWLINE, '\n\r\f\u0085\u2028\u2029'],
	[
		SENTENCE_END,
		'.!?\u2026\u0589\u061f\u06d4\u0700\u0701\u0702\u0964\u0965\u104a\u104b\u1362\u1367\u1368\u17d4\u17d5\u203c\u203d\u2047\u2048\u2049',
	],
	[CLAUSE_END, ',;:\u2013\u2014\u060c\u061b\u037e\u0387\u055d\u1363\u1364\u1365\u1366'],
	[CLOSER, '"\')]}\u00bb\u2019\u201d\u203a'],
	[WIDE_SENTENCE_END, '\u3002\uff01\uff0e\uff1f\uff61'],
	[WIDE_CLAUSE_END, '\u3001\uff0c\uff1a\uff1b\uff64'],
	[WIDE_CLOSER, '\u300d\u300f\uff09\u3011\u300b\u3009\u3015'],
];
for (const [kind, characters] of CHARACTERS_OF_CLASS)
	for (const character of characters) CLASS[character.charCodeAt(0)] = kind;

/** A longer run of white space is cut inside rather than looked through: nothing here may depend on the text's length. */
const LONGEST_RUN = 256;

export function isWhite(unit: number): boolean {
	const kind = CLASS[unit];
	return kind === SPACE || kind === NEWLINE;
}

/**
 * What kind of break a cut at `at` would be (0 < at < text.length): `none` inside a word.
 * @param least nothing before this index is looked at
 */
export function rankAt(text: string, at: number, least: number): Rank {
	const before = text.charCodeAt(at - 1);
	const kind = CLASS[before];
	if (kind === SPACE || kind === NEWLINE) return rankOfRun(text, at, least);
	const after = text.charCodeAt(at);
	if (isWhite(after)) return rankOfRun(text, at, least);
	if (isWideTail(after)) return RANK.none;
	if (kind === WIDE_SENTENCE_END) return RANK.sentence;
	if (kind === WIDE_CLAUSE_END) return RANK.clause;
	if (kind === WIDE_CLOSER || kind === CLOSER) {
		return at - 2 >= least && CLASS[text.charCodeAt(at - 2)] === WIDE_SENTENCE_END
			? RANK.sentence
			: RANK.none;
	}
	return RANK.none;
}

/** Punctuation that goes on: a quotation is cut behind its last mark. */
function isWideTail(unit: number): boolean {
	const kind = CLASS[unit];
	return kind === WIDE_SENTENCE_END || kind === WIDE_CLAUSE_END || kind === WIDE_CLOSER || kind === CLOSER;
}

/** The rank of a cut that touches a run of white space, from the line ends in the run and what stands around it. */
function rankOfRun(text: string, at: number, least: number): Rank {
	let start = at;
	const lowest = Math.max(least, at - LONGEST_RUN);
	while (start > lowest && isWhite(text.charCodeAt(start - 1))) start--;
	let end = at;
	const highest = Math.min(text.length, at + LONGEST_RUN);
	while (end < highest && isWhite(text.charCodeAt(end))) end++;

	// Line ends behind the cut do not make it a better one: the next chunk would start with them.
	let lines = 0;
	for (let i = start; i < at; i++) {
		const unit = text.charCodeAt(i);
		if (CLASS[unit] === NEWLINE && !(unit === 13 && text.charCodeAt(i + 1) === 10)) lines++;
	}
	if (lines > 0) {
		if (end > at && lines === 1 && hasNewline(text, at, end)) return RANK.line;
		if (text.charCodeAt(end) === 35 && isHeadingMark(text, end)) return RANK.heading;
		return lines > 1 ? RANK.paragraph : RANK.line;
	}
	return rankOfEnding(text, start, end, least);
}

function hasNewline(text: string, from: number, to: number): boolean {
	for (let i = from; i < to; i++) if (CLASS[text.charCodeAt(i)] === NEWLINE) return true;
	return false;
}

function isHeadingMark(text: string, at: number): boolean {
	let end = at;
	while (end < at + 7 && text.charCodeAt(end) === 35) end++;
	return end - at <= 6 && text.charCodeAt(end) === 32;
}

/** Sentence, clause or word: by the punctuation that ends at `end` and the character the next sentence starts with. */
function rankOfEnding(text: string, end: number, next: number, least: number): Rank {
	let last = end - 1;
	while (last > least && CLASS[text.charCodeAt(last)] === CLOSER) last--;
	const kind = CLASS[text.charCodeAt(last)];
	if (kind === SENTENCE_END || kind === WIDE_SENTENCE_END) {
		return text.charCodeAt(last) === 46 && !endsSentence(text, last, next, least) ? RANK.word : RANK.sentence;
	}
	return kind === CLAUSE_END || kind === WIDE_CLAUSE_END ? RANK.clause : RANK.word;
}

/** Abbreviations before which a capital or digit is usual, so that the next character does not tell. */
const ABBREVIATIONS = new Set(
	(
		'mr mrs ms dr prof rev gen sen rep gov sgt capt lt col st jr sr vs etc no nos vol fig figs eq eqs sec ch pp ed eds al ' +
		'inc ltd co corp dept univ assn approx est jan feb mar apr jun jul aug sep sept oct nov dec mt ave blvd e.g i.e cf viz ' +
		'z.b d.h u.a bzw nr abb art bd usw ca str hr fr'
	).split(' '),
);

/** Does the full stop at `stop` end a sentence whose successor starts at `next`? */
function endsSentence(text: string, stop: number, next: number, least: number): boolean {
	const following = text.charAt(next);
	if (following >= 'a' && following <= 'z') return false;
	let start = stop;
	const lowest = Math.max(least, stop - 6);
	while (
		start > lowest &&
		!isWhite(text.charCodeAt(start - 1)) &&
		CLASS[text.charCodeAt(start - 1)] !== CLOSER
	)
		start--;
	const word = text.slice(start, stop);
	// One capital is an initial ("J. Smith"); "I." at a sentence's end is rarer.
	if (word.length === 1 && word >= 'A' && word <= 'Z') return false;
	return !ABBREVIATIONS.has(word.toLowerCase());
}

/**
 * The best place to cut in (floor, limit]: the last one of the highest rank; `limit` itself, with rank `none`, when
 * nothing breaks there. Line ends are found natively; only a window without any is looked through by character, and
 * only back to its last sentence end. Nothing outside the window is searched, so a missing line end costs nothing.
 */
export function bestBreak(text: string, floor: number, limit: number): { at: number; rank: Rank } {
	return bestLineBreak(text, floor, limit) ?? bestBreakInLine(text, floor, limit);
}

const LINE_FEED = 10;

function bestLineBreak(text: string, floor: number, limit: number): { at: number; rank: Rank } | undefined {
	const window = text.slice(floor, limit);
	let best: Rank = RANK.none;
	let at = limit;
	for (let i = window.lastIndexOf('\n'); i >= 0; i = i === 0 ? -1 : window.lastIndexOf('\n', i - 1)) {
		const cut = floor + i + 1;
		// Of several line ends in a row the last counts: the next chunk should not start with empty lines.
		if (cut < limit && text.charCodeAt(cut) === LINE_FEED) continue;
		const rank = rankOfLineEnd(text, cut, floor, limit);
		if (rank > best) {
			best = rank;
			at = cut;
			if (rank === RANK.heading) break;
		}
	}
	return best === RANK.none ? undefined : { at, rank: best };
}

/** The rank of a cut right behind a line feed; indentation stays with the line it indents. `none` before an empty line. */
function rankOfLineEnd(text: string, cut: number, floor: number, limit: number): Rank {
	let next = cut;
	const furthest = Math.min(limit, cut + LONGEST_RUN);
	while (next < furthest && isWhite(text.charCodeAt(next)))
		if (text.charCodeAt(next++) === LINE_FEED) return RANK.none;
	if (text.charCodeAt(next) === 35 && isHeadingMark(text, next)) return RANK.heading;
	let before = cut - 2;
	const lowest = Math.max(floor, cut - LONGEST_RUN);
	while (before >= lowest && isWhite(text.charCodeAt(before)))
		if (text.charCodeAt(before--) === LINE_FEED) return RANK.paragraph;
	return RANK.line;
}

/** Backwards to the last sentence end; on the way the last clause and word end are noted. */
function bestBreakInLine(text: string, floor: number, limit: number): { at: number; rank: Rank } {
	let best: Rank = RANK.none;
	let at = limit;
	for (let i = limit; i > floor; i--) {
		const kind = CLASS[text.charCodeAt(i - 1)] ?? 0;
		if (i !== limit) {
			if (kind === 0 || kind === SENTENCE_END || kind === CLAUSE_END) continue;
			if (kind === SPACE || kind === NEWLINE) {
				// A run of white space is judged once, at its end, whatever its length.
				if (isWhite(text.charCodeAt(i))) continue;
				if (kind === SPACE && !couldBeat(best, CLASS[text.charCodeAt(i - 2)] ?? 0)) continue;
			}
		}
		const rank = rankAt(text, i, floor);
		if (rank > best) {
			best = rank;
			at = i;
			if (rank >= RANK.sentence) break;
		}
	}
	return { at, rank: best };
}

/** Can a space behind a character of this class be a better break than the one at hand? */
function couldBeat(best: Rank, kindBefore: number): boolean {
	if (kindBefore === SPACE || kindBefore === NEWLINE) return true;
	return kindBefore === 0 ? best < RANK.word : best < RANK.sentence;
}

/**
 * Does a sentence end at `at`? A paragraph's end, a sentence's punctuation, or a line's end before a list item or
 * heading; the line ends inside a wrapped paragraph do not count.
 */
export function isSentenceEnd(text: string, at: number, least: number): boolean {
	const rank = rankAt(text, at, least);
	if (rank !== RANK.line) return rank >= RANK.sentence;
	let end = at;
	while (end > least && isWhite(text.charCodeAt(end - 1))) end--;
	if (end > least && rankOfEnding(text, end, at, least) === RANK.sentence) return true;
	return STARTS_BLOCK.test(text.slice(at, at + 24));
}

const STARTS_BLOCK = /^\s*(?:[-*+\u2022]|\d{1,4}[.)]|#{1,6}|\||>)(?:\s|$)/;

/** The last sentence end in (floor, limit), or undefined. */
export function lastSentenceEnd(text: string, floor: number, limit: number): number | undefined {
	for (let at = limit; at > floor; at--)
		if (mayEndSentence(text, at) && isSentenceEnd(text, at, floor)) return at;
	return undefined;
}

/** The first sentence end in (floor, limit), or undefined. */
export function firstSentenceEnd(text: string, floor: number, limit: number): number | undefined {
	for (let at = floor + 1; at <= limit; at++)
		if (mayEndSentence(text, at) && isSentenceEnd(text, at, floor)) return at;
	return undefined;
}

/** Quick refusal, for most places: a sentence ends behind white space that something follows, or wide punctuation. */
function mayEndSentence(text: string, at: number): boolean {
	const kind = CLASS[text.charCodeAt(at - 1)] ?? 0;
	if (kind === 0 || kind === CLAUSE_END) return false;
	if (isWhite(text.charCodeAt(at))) return false;
	if (kind !== SPACE && kind !== NEWLINE) return kind !== SENTENCE_END;
	const before = CLASS[text.charCodeAt(at - 2)] ?? 0;
	return kind === NEWLINE || before !== 0;
}
