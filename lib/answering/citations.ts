import type { Passage } from '../engine';

/** A passage an answer may be built from, as a search returns it. */
export interface SourcePassage extends Passage {
	readonly source: string;
	readonly title?: string;
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

/** `[1]`, `[1, 2]`, `[1;2]`, `[1-3]`, `[^1]` and the full-width brackets 【1】 some models write; not inside `code`. */
const markerPattern =
	/(`[^`\n]*`)|([ \t]?)(?:\[\^?(\d{1,3}(?:\s*[,;–-]\s*\^?\d{1,3})*)\]|【(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)[^】]{0,40}】)(?!\()/g;

/**
 * Compares the markers of an answer with the passages it was given, numbered from 1: known ones become citations,
 * unknown ones are removed from the text and reported. A Markdown link `[1](…)` is left alone.
 */
export function checkCitations(text: string, passages: readonly SourcePassage[]): CheckedAnswer {
	const cited = new Set<number>();
	const unknown = new Set<number>();
	const answer = text.replace(markerPattern, (whole, code: string | undefined, space: string, ...rest) => {
		if (code !== undefined) return whole;
		const [square, fullWidth] = rest as [string | undefined, string | undefined];
		const known: number[] = [];
		for (const number of numbersIn(square ?? fullWidth ?? '')) {
			if (number >= 1 && number <= passages.length) {
				known.push(number);
				cited.add(number);
			} else {
				unknown.add(number);
			}
		}
		return known.length === 0 ? '' : `${space}${known.map((number) => `[${number}]`).join('')}`;
	});
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
