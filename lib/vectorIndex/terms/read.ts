import { DIGIT, EASTERN, kindAt, KOREAN, LETTER, MARK, NONE, SOUTHERN, widthAt } from './characters';
import { goesOn, runsOf, shapeOf, shapeOfLine, wholeOf, type Chain } from './compound';
import { fold, foldTwoLetters, prepare } from './fold';
import { groupedAt, lineOf } from './grouped';
import { foldHan } from './han';
import { stemOf } from './stem';

/**
 * What a term is of its text: a `word` or number as it stands, the `stem` of one, either with two letters for an umlaut
 * (`respelled`), a `pair` of characters of a script without spaces, one `character` of it that is more than one word, the
 * first `syllable` of a Korean word that may be a noun with a particle, or the `shape` of a code.
 */
export type TermKind = 'word' | 'stem' | 'respelled' | 'pair' | 'character' | 'syllable' | 'shape';
/** Told of each term in order; `word` is the folded word that it comes from. */
export type Emit = (term: string, kind: TermKind, word: string) => void;

/** Longer "words" are base64, hashes or mistakes; their beginning is enough to find them. */
export const MAX_TERM = 64;

/** What may stand between the parts of a chain; which of them do is decided in compound.ts. */
const JOINT = /-\r?\n[ \t]{0,8}|[-\u2010_./,'’ &]/y;
/** What a name like C++, C# or A+ ends in, and C++17 goes on with. */
const ENDING = /(?:\+{1,2}|#)(?![\p{L}\p{N}+#])|\+{2}(?=\d)/uy;
const NAME = /^\p{L}{1,16}$/u;
const HAS_DIGIT = /\d/;
const DIGITS = /^\d+$/;
/** "05" of a date is typed "5". */
const LEADING_ZERO = /^0(?=\d$)/;
/** A letter with its marks is one character to its reader. */
const CHARACTER = /\P{M}\p{M}*|\p{M}+/gu;
/** Behind a word without digits, only these can make it part of more. */
const FOLLOWING = new Set([...'-\u2010_./+#&'].map((character) => character.charCodeAt(0)));

/**
 * Reads the terms of a text in order.
 *
 * Scripts without spaces are cut in pairs of characters (the usual "CJK bigram" analysis), since a whole sentence would
 * otherwise be one term. Korean has spaces, but its particles are written onto the word. A dictionary would cut better,
 * but differs between versions of Node.
 */
export function readTerms(text: string, emit: Emit): void {
	const prepared = prepare(text);
	const seen = new Set<string>();
	for (let at = 0; at < prepared.length; ) {
		const kind = kindAt(prepared, at);
		if (kind === LETTER || kind === DIGIT) {
			at = readWord(prepared, at, emit);
			continue;
		}
		if (kind === NONE || kind === MARK) {
			at += widthAt(prepared, at);
			continue;
		}
		const end = endOfRun(prepared, at, kind);
		const run = prepared.slice(at, end);
		if (kind === EASTERN) readPairs(foldHan([...run]), seen, emit);
		if (kind === SOUTHERN) readPairs(run.match(CHARACTER) ?? [], seen, emit);
		if (kind === KOREAN) readKorean([...run], emit);
		at = end;
	}
}

/** The terms of the word or chain that begins there, in a prepared text. Returns where it ends. */
export function readWord(text: string, start: number, emit: Emit): number {
	let digits = false;
	let end = start;
	for (let kind = kindAt(text, end); isWord(kind); kind = kindAt(text, end)) {
		if (kind === DIGIT) digits = true;
		end += widthAt(text, end);
	}
	if (digits) return readGrouped(text, start, end, emit) ?? readChain(text, start, emit);
	if (isFollowed(text, end)) return readChain(text, start, emit);
	emitWritten(text.slice(start, end), emit);
	return end;
}

function isWord(kind: number): boolean {
	return kind === LETTER || kind === DIGIT || kind === MARK;
}

/** Whether a word that ends there may go on behind what follows it. */
export function isFollowed(text: string, end: number): boolean {
	if (!FOLLOWING.has(text.charCodeAt(end))) return false;
	const next = text.charAt(end + 1);
	return next === '\n' || next === '\r' || '+#'.includes(text.charAt(end)) || isWord(kindAt(text, end + 1));
}

function endOfRun(text: string, start: number, kind: number): number {
	let end = start;
	while (kindAt(text, end) === kind) end += widthAt(text, end);
	return end;
}

function endOfWord(text: string, start: number): number {
	const first = kindAt(text, start);
	if (first !== LETTER && first !== DIGIT) return start;
	let end = start;
	while (isWord(kindAt(text, end))) end += widthAt(text, end);
	return end;
}

/** Reads a long number in groups. Returns where it ends; undefined where there is none. */
function readGrouped(text: string, start: number, wordEnd: number, emit: Emit): number | undefined {
	const grouped = groupedAt(text, start, wordEnd);
	if (!grouped) return undefined;
	const { whole, parts, line, end } = grouped;
	emitWord(whole, emit);
	if (parts.length > 1) for (const part of parts) emitWord(part, emit);
	if (line !== undefined) emit(line, 'word', line);
	const [code, shape] =
		line === undefined ? [whole, shapeOf(whole, { parts: [whole], joints: [] })] : [line, shapeOfLine(line)];
	if (shape !== undefined) emit(shape, 'shape', code);
	return end;
}

/** Reads the parts that belong together. */
function readChain(text: string, start: number, emit: Emit): number {
	const written = new Array<string>();
	const chain = { parts: new Array<string>(), joints: new Array<string>() };
	let end = start;
	for (let from = start; ; ) {
		const to = endOfWord(text, from);
		if (to === from) break;
		const part = text.slice(from, to);
		const folded = fold(part);
		if (chain.parts.length > 0) {
			const joint = text.slice(end, from);
			if (!goesOn(chain, joint, folded)) break;
			chain.joints.push(joint);
		}
		written.push(part);
		chain.parts.push(folded);
		end = to;
		JOINT.lastIndex = end;
		if (!JOINT.test(text)) break;
		from = JOINT.lastIndex;
	}
	emitChain(chain, written, emit);
	return end + emitEnding(text, end, chain, emit);
}

function emitChain(chain: Chain, written: readonly string[], emit: Emit): void {
	const whole = wholeOf(chain);
	if (whole !== undefined) emitWord(whole, emit);
	for (const [at, part] of chain.parts.entries()) {
		emitWritten((written[at] ?? '').replace(LEADING_ZERO, ''), emit);
		for (const run of runsOf(part)) emit(run, 'word', part);
	}
	const code = whole ?? (chain.parts.length === 1 ? chain.parts[0] : undefined);
	if (code === undefined || !HAS_DIGIT.test(code)) return;
	const line = chain.parts.length === 1 && DIGITS.test(code) ? lineOf(code) : undefined;
	if (line !== undefined) emit(line, 'respelled', line);
	const shape = shapeOf(code, chain);
	if (shape !== undefined) emit(shape, 'shape', code);
}

function emitWritten(written: string, emit: Emit): void {
	emitWord(fold(written), emit);
	const other = foldTwoLetters(written);
	if (other === undefined) return;
	const term = cut(other);
	emit(term, 'respelled', term);
	const stem = stemOf(term);
	if (stem !== term) emit(stem, 'respelled', term);
}

function emitWord(word: string, emit: Emit): void {
	const term = cut(word);
	if (term === '') return;
	emit(term, 'word', term);
	if (HAS_DIGIT.test(term)) return;
	const stem = stemOf(term);
	if (stem !== term) emit(stem, 'stem', term);
}

/** "c++" besides "c". Returns how many characters of the text were read. */
function emitEnding(text: string, end: number, { parts }: Chain, emit: Emit): number {
	ENDING.lastIndex = end;
	const ending = ENDING.exec(text)?.[0];
	const name = parts.at(-1) ?? '';
	if (ending === undefined || !NAME.test(name)) return 0;
	emit(name + ending, 'word', name + ending);
	return ending.length;
}

function readPairs(characters: readonly string[], seen: Set<string>, emit: Emit): void {
	for (let i = 0; i + 1 < characters.length; i++) {
		const pair = cut(`${characters[i]}${characters[i + 1]}`);
		emit(pair, 'pair', pair);
	}
	// For a question of one character, and no more than once a text: that it is there is enough.
	for (const character of characters) {
		if (seen.has(character)) continue;
		seen.add(character);
		const term = cut(character);
		emit(term, characters.length === 1 ? 'pair' : 'character', term);
	}
}

/** A noun of one syllable may have a particle behind it, and longer ones are found by their pairs. */
function readKorean(syllables: readonly string[], emit: Emit): void {
	for (let i = 0; i + 1 < syllables.length; i++) {
		const pair = `${syllables[i]}${syllables[i + 1]}`;
		emit(pair, 'pair', pair);
	}
	const [first = ''] = syllables;
	if (syllables.length === 1) emit(first, 'pair', first);
	else if (syllables.length <= 3) emit(first, syllables.length === 2 ? 'syllable' : 'character', first);
}

function cut(word: string): string {
	return word.length <= MAX_TERM ? word : word.slice(0, MAX_TERM).toWellFormed();
}
