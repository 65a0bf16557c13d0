/*
 * Numbers, codes and joined words, which people type in several ways: 1,500 = 1500 = 1 500, AB-1234/5 = ab1234/5,
 * e-mail = email, U.S.A. = USA, I/O = IO, AT&T = ATT, Node.js = nodejs. Each gives its parts, and the whole without what stands between.
 */

/** Parts of letters and digits with what stands between them: one joint fewer than parts. */
export interface Chain {
	readonly parts: readonly string[];
	readonly joints: readonly string[];
}

const DIGITS = /^\d+$/;
const HAS_DIGIT = /\d/;
const HAS_LETTER = /\p{L}/u;
const RUNS = /\d+|\D+/g;
/** Longer chains are paths, tables of contents or noise: their parts are enough. */
const MOST_PARTS = 6;
/** "e-mail", "well-known"; a chain of four words is a phrase. */
const MOST_WORDS = 3;
const MOST_RUNS = 4;
/** "AT&T", "R&D". */
const LONGEST_INITIALS = 3;
/** ".js", ".net"; a longer word behind a full stop may begin a sentence. */
const LONGEST_ENDING = 3;
const LONGEST = 40;
/** Begins a term that says what a code looks like; no word has this character. */
const SHAPE = '¤';

/** Whether a part may follow a chain after that joint. */
export function goesOn({ parts, joints }: Chain, joint: string, next: string): boolean {
	if (parts.length === MAX_CHAIN) return false;
	if (!DIGITS.test(next) || !parts.every((part) => DIGITS.test(part)))
		return (
			joint === '.' ||
			joint === '/' ||
			joint === '&' ||
			isHyphen(joint) ||
			(isLineEnd(joint) && !HAS_DIGIT.test(next))
		);
	if (joint === '/' || isHyphen(joint)) return joints.every((each) => each === '/' || isHyphen(each));
	return isGroup(parts, joint, next) && joints.every((each) => each === joint);
}

/** A chain is read in pieces of so many parts: nothing is made of longer ones. */
const MAX_CHAIN = 16;

/** "500" in 1,500 and 1 500, "14" in 3.14, and for commas "50" in 1,50,000. */
function isGroup(parts: readonly string[], joint: string, next: string): boolean {
	const [first = ''] = parts;
	if (joint === '.') return true;
	if (joint !== ',' && joint !== ' ' && joint !== "'" && joint !== '’') return false;
	return (
		first.length <= 3 && (next.length === 3 || (joint === ',' && next.length === 2 && first.length <= 2))
	);
}

/** The chain as one term, where it is written that way too. */
export function wholeOf({ parts, joints }: Chain): string | undefined {
	if (parts.length === 1 || parts.length > MOST_PARTS) return undefined;
	const whole = parts.join('');
	if (whole.length > LONGEST) return undefined;
	if (DIGITS.test(whole)) return isGrouped(parts) || joints.every(isTight) ? whole : undefined;
	if (HAS_DIGIT.test(whole)) return whole;
	if (joints.every((joint) => joint === '&'))
		return parts.every(({ length }) => length <= LONGEST_INITIALS) ? whole : undefined;
	if (joints.every((joint) => joint === '/'))
		return parts.every(({ length }) => length === 1) ? whole : undefined;
	if (joints.every((joint) => joint === '.'))
		return parts.every(({ length }) => length === 1) || isEndedName(parts) ? whole : undefined;
	return parts.length <= MOST_WORDS && joints.every((joint) => isHyphen(joint) || isLineEnd(joint))
		? whole
		: undefined;
}

/** "Node.js", which is typed "nodejs" too. */
function isEndedName({ length, 1: ending = '' }: readonly string[]): boolean {
	return length === 2 && ending.length <= LONGEST_ENDING;
}

function isGrouped([first = '', ...others]: readonly string[]): boolean {
	const last = others.at(-1);
	const between = others.slice(0, -1);
	return (
		first.length <= 3 &&
		last?.length === 3 &&
		(between.every(({ length }) => length === 3) || between.every(({ length }) => length === 2))
	);
}

/** The letters and the digits of "ab1234", which is typed "ab 1234" too. */
export function runsOf(part: string): readonly string[] {
	if (part.length > LONGEST || !HAS_DIGIT.test(part) || !HAS_LETTER.test(part)) return [];
	const runs = part.match(RUNS) ?? [];
	return runs.length <= MOST_RUNS ? runs : [];
}

/**
 * What a code looks like ("ab12345" → "¤aa99999"): letters and at least two digits, or five digits and more written in
 * one. Undefined for everything else.
 */
export function shapeOf(code: string, { parts }: Chain): string | undefined {
	if (code.length > LONGEST) return undefined;
	const digits = code.replace(/\D/g, '').length;
	const isCode = HAS_LETTER.test(code) ? digits >= 2 : parts.length === 1 && digits >= 5;
	return isCode ? SHAPE + code.replace(/\d/g, '9').replace(/[^9]/g, 'a') : undefined;
}

/** The look of a telephone number, however it is written. */
export function shapeOfLine(line: string): string {
	return SHAPE + line.replace(/\d/g, '9');
}

export function isShape(term: string): boolean {
	return term.startsWith(SHAPE);
}

function isHyphen(joint: string): boolean {
	return joint === '-' || joint === '\u2010' || joint === '_';
}

/** A hyphen at the end of a line. */
function isLineEnd(joint: string): boolean {
	return joint.includes('\n');
}

function isTight(joint: string): boolean {
	return isHyphen(joint) || joint === '/';
}
