/**
 * Where a text may be cut: between extended grapheme clusters (UAX #29), so that no surrogate pair, accent, emoji
 * family or syllable is torn. Intl.Segmenter gives the clusters but at 6–8 MB/s; a cut needs only the answer at one
 * place, so pairs of ordinary characters are decided by table and the segmenter sees the few characters around the rest.
 */

let segmenter: Intl.Segmenter | undefined;

const SEGMENTS_OF_ITS_OWN = /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}\p{Cc}]$/u;
/** Rules GB6–GB13 can join these to a neighbour: jamo, marks, pictographs, and the letters UAX #29 lists as marks. */
const MAY_JOIN =
	/[\p{M}\p{Grapheme_Extend}\p{Extended_Pictographic}\u0d4e\u0e33\u0eb3\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;

let ordinary: Uint8Array | undefined;

/** 1 for each UTF-16 unit that is a cluster of its own beside any other such unit (CR LF apart). */
function ordinaryTable(): Uint8Array {
	if (ordinary) return ordinary;
	const table = new Uint8Array(0x10000);
	for (let unit = 0; unit < 0x10000; unit++) {
		if (unit >= 0xd800 && unit <= 0xdfff) continue;
		const character = String.fromCharCode(unit);
		if (SEGMENTS_OF_ITS_OWN.test(character) && (unit < 0x300 || !MAY_JOIN.test(character))) table[unit] = 1;
	}
	ordinary = table;
	return table;
}

const CR = 13;
const LF = 10;

/** True where the two units alone prove a boundary between them; false means "ask the segmenter", not "no boundary". */
function surelyApart(before: number, after: number): boolean {
	if (before < 0x300 && after < 0x300) return !(before === CR && after === LF);
	const table = ordinaryTable();
	return table[before] === 1 && table[after] === 1;
}

/** The nearest place at or before `index` where a cluster surely starts; `floor` is known to be one. */
function safeStart(text: string, index: number, floor: number): number {
	let at = index;
	while (at > floor && !surelyApart(text.charCodeAt(at - 1), text.charCodeAt(at))) at--;
	return at;
}

function clusterAt(text: string, from: number, to: number, index: number): { start: number; end: number } {
	segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
	const found = segmenter.segment(text.slice(from, to)).containing(index - from);
	if (!found) return { start: index, end: to };
	return { start: from + found.index, end: from + found.index + found.segment.length };
}

/** Moves a cut that would fall inside a surrogate pair behind it. */
function behindPair(text: string, index: number): number {
	const inside =
		index > 0 &&
		index < text.length &&
		(text.charCodeAt(index - 1) & 0xfc00) === 0xd800 &&
		(text.charCodeAt(index) & 0xfc00) === 0xdc00;
	return inside ? index + 1 : index;
}

/**
 * The last cluster boundary ≤ `index`. `floor` (≤ `index`) must be a boundary; the answer is never below it.
 * Whether a place is a boundary depends on the text before it and one code point behind it, so two units suffice there.
 */
export function boundaryAtOrBefore(text: string, index: number, floor: number): number {
	if (index <= floor) return floor;
	if (index >= text.length) return text.length;
	if (surelyApart(text.charCodeAt(index - 1), text.charCodeAt(index))) return index;
	const from = safeStart(text, index - 1, floor);
	return clusterAt(text, from, behindPair(text, index + 1), index).start;
}

/** The first cluster boundary ≥ `index`; `floor` (≤ `index`) must be a boundary. */
export function boundaryAtOrAfter(text: string, index: number, floor: number): number {
	if (index <= floor) return floor;
	if (index >= text.length) return text.length;
	if (surelyApart(text.charCodeAt(index - 1), text.charCodeAt(index))) return index;
	const from = safeStart(text, index - 1, floor);
	// A cluster can be of any length (a thousand accents on one letter): the window doubles until its end is seen.
	for (let ahead = 32; ; ahead *= 2) {
		const to = behindPair(text, Math.min(text.length, index + ahead));
		const cluster = clusterAt(text, from, to, index);
		if (cluster.start === index) return index;
		if (cluster.end < to || to === text.length) return cluster.end;
	}
}

/** The end of the cluster that starts at `index` (a boundary below the text's length). */
export function clusterEnd(text: string, index: number): number {
	return boundaryAtOrAfter(text, index + 1, index);
}
