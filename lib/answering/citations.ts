import type { Passage } from '../engine';

/** A passage an answer may be built from, as a search returns it. */
export interface SourcePassage extends Passage {
	readonly source: string;
	readonly title?: string;
	/** Page of the document, where it has pages. */
	readonly page?: number | string;
	/** UTF-16 offsets of `text` in the source. */
	readonly start?: number;
	readonly end?: number;
	readonly score?: number;
}

/** A passage the answer refers to; `marker` is the number in square brackets in the answer. */
export interface Citation extends SourcePassage {
	readonly marker: number;
}

export interface CheckedAnswer {
	/** The answer with every marker that names no passage taken out. */
	readonly answer: string;
	/** The passages referred to, in order of first mention. */
	readonly citations: readonly Citation[];
	/** Numbers the model cited although no such passage was given. */
	readonly unknownMarkers: readonly number[];
}

/**
 * `[1]`, `[1, 2]`, `[1;2]`, `[1-3]`, `[^1]` and the full-width brackets 【1†source】 some models write. Looked for at a bracket,
 * within its next 200 characters.
 */
const MARKERS: { readonly [bracket: string]: RegExp } = {
	'[': /^\[\^?(\d{1,3}(?:\s{0,3}[,;–-]\s{0,3}\^?\d{1,3}){0,30})\](?!\()/,
	'【': /^【(\d{1,3}(?:\s{0,3}[,;–-]\s{0,3}\d{1,3}){0,30})[^】]{0,40}】/,
};
const LONGEST_MARKER = 200;

interface Marker {
	/** With the blank before it. */
	readonly start: number;
	readonly end: number;
	readonly space: string;
	readonly numbers: string;
}

/** The markers of a text in order; not those inside `code`. */
function* markersIn(text: string): Generator<Marker> {
	for (let at = 0; at < text.length; at++) {
		const character = text.charAt(at);
		if (character === '`') {
			at = codeEnd(text, at);
			continue;
		}
		const pattern = MARKERS[character];
		if (pattern === undefined) continue;
		const found = pattern.exec(text.slice(at, at + LONGEST_MARKER));
		if (found === null) continue;
		const before = text.charAt(at - 1);
		const space = before === ' ' || before === '\t' ? before : '';
		const end = at + found[0].length;
		yield { start: at - space.length, end, space, numbers: found[1] ?? '' };
		at = end - 1;
	}
}

/** The mark that closes code on this line; the opening one itself when none does. */
function codeEnd(text: string, open: number): number {
	for (let at = open + 1; at < text.length && text[at] !== '\n'; at++) if (text[at] === '`') return at;
	return open;
}

/**
 * Compares the markers of an answer with the passages it was given, numbered from 1: known ones become citations,
 * unknown ones are removed from the text and reported. A Markdown link `[1](…)` is left alone.
 */
export function checkCitations(text: string, passages: readonly SourcePassage[]): CheckedAnswer {
	const cited = new Set<number>();
	const unknown = new Set<number>();
	let answer = '';
	let copied = 0;
	for (const { start, end, space, numbers } of markersIn(text)) {
		const known: number[] = [];
		for (const number of numbersIn(numbers)) {
			if (number >= 1 && number <= passages.length) {
				known.push(number);
				cited.add(number);
			} else {
				unknown.add(number);
			}
		}
		const kept = known.length === 0 ? '' : space + known.map((number) => `[${number}]`).join('');
		answer += text.slice(copied, start) + kept;
		copied = end;
	}
	answer += text.slice(copied);
	const citations = [...cited].flatMap((marker) => {
		const passage = passages[marker - 1];
		return passage ? [{ ...passage, marker }] : [];
	});
	return { answer: answer.trim(), citations, unknownMarkers: [...unknown] };
}

function* numbersIn(list: string): Iterable<number> {
	for (const part of list.split(/[,;]/)) {
		const [from, to] = part.split(/[–-]/).map((digits) => Number.parseInt(digits.replace(/\D/g, ''), 10));
		if (from === undefined || Number.isNaN(from)) continue;
		// A range is at most as long as a prompt has passages; anything wider is not a citation but a span of years or pages.
		const last = to !== undefined && to >= from && to - from < 20 ? to : from;
		for (let number = from; number <= last; number++) yield number;
	}
}
