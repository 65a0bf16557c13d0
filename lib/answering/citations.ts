import type { Passage } from '../engine';

/** A passage an answer may be built from, as a search returns it. */
export interface SourcePassage extends Passage {
	readonly source: string;
	readonly title?: string;
	/** Page, slide or sheet of the document, where it has such. */
	readonly page?: number | string;
	readonly slide?: number | string;
	readonly sheet?: number | string;
	/** Of a passage that reaches over several pages, slides or sheets: the offsets in the source at which the further ones begin. */
	readonly pageStarts?: readonly number[];
	readonly slideStarts?: readonly number[];
	readonly sheetStarts?: readonly number[];
	/** Names of the further sheets. */
	readonly sheetNames?: readonly string[];
	/** UTF-16 offsets of `text` in the source. */
	readonly start?: number;
	readonly end?: number;
	readonly score?: number;
}

/** The sentence of a passage that a citation rests on. */
export interface Quote {
	/** On one line; a table row with the names of its columns. */
	readonly text: string;
	/** UTF-16 offsets in the source; in the passage, where its place in the source is not known. */
	readonly start: number;
	readonly end: number;
}

/** A passage the answer refers to; `marker` is the number in square brackets in the answer. */
export interface Citation extends SourcePassage {
	readonly marker: number;
	/** The sentence it rests on. */
	readonly quote?: Quote;
}

export interface CheckedAnswer {
	/** The answer with every marker that names no passage taken out. */
	readonly answer: string;
	/** The passages referred to, in order of first mention. */
	readonly citations: readonly Citation[];
	/** Numbers the model cited although no such passage was given. */
	readonly unknownMarkers: readonly number[];
}

/** A number of a marker, and what may stand between two of them. */
const NUMBER = /^\^?\d{1,3}$/;
const BETWEEN = /[,;–-]/;
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
		if (character !== '[' && character !== '【') continue;
		const marker = markerAt(text, at, character);
		if (marker === undefined) continue;
		const before = text.charAt(at - 1);
		const space = before === ' ' || before === '\t' ? before : '';
		const { end, numbers } = marker;
		yield { start: at - space.length, end, space, numbers };
		at = end - 1;
	}
}

/**
 * `[1]`, `[1, 2]`, `[1;2]`, `[1-3]`, `[^1]`, and the full-width brackets 【1†source】 that some models write; a link `[1](…)` is none.
 */
function markerAt(
	text: string,
	at: number,
	bracket: '[' | '【',
): { readonly end: number; readonly numbers: string } | undefined {
	const window = text.slice(at + 1, at + LONGEST_MARKER);
	const length = window.indexOf(bracket === '[' ? ']' : '】');
	if (length === -1) return undefined;
	const end = at + length + 2;
	const inside = window.slice(0, length);
	if (bracket === '[') {
		const isMarker = text[end] !== '(' && inside.split(BETWEEN).every((part) => NUMBER.test(part.trim()));
		return isMarker ? { end, numbers: inside } : undefined;
	}
	const [numbers = ''] = inside.split('†', 1);
	return NUMBER.test((numbers.split(BETWEEN, 1)[0] ?? '').trim()) ? { end, numbers } : undefined;
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
