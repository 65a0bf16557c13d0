import { bestBreak, isWhite, RANK, rankAt } from './breaks';
import { boundaryAtOrAfter, boundaryAtOrBefore } from './graphemes';
import type { Measure } from './measure';

/**
 * Windows of at most `size` around chunks, grown evenly to both sides and drawn in to sentence ends where there are
 * some in the outer half. Chunks have to come in order: windows only move forward.
 */
export function createParents(
	text: string,
	measure: Measure,
	size: number,
): (start: number, end: number) => { start: number; end: number } {
	let lastStart = 0;
	return (start, end) => {
		const left = reachLeft(text, measure, size, lastStart, start, end);
		const right = measure.reach(left, end, size);
		const parent = { start: left, end: right < text.length ? snapRight(text, end, right) : right };
		lastStart = Math.min(parent.start, start);
		return parent;
	};
}

function reachLeft(
	text: string,
	measure: Measure,
	size: number,
	least: number,
	start: number,
	end: number,
): number {
	const used = measure.tokens(start, end) ?? end - start;
	const spare = Math.max(0, size - used);
	let left = measure.reachBack(start, least, Math.floor(spare / 2));
	// Near the end of the text the right side cannot use its half.
	const right = measure.reach(left, end, size);
	if (right >= text.length) {
		const furthest = measure.reachBack(text.length, least, size);
		left = Math.min(left, furthest);
	}
	return left <= least ? left : snapLeft(text, left, start);
}

/** The first sentence start in the outer half of the window's left wing, else the first word start, else `left`. */
function snapLeft(text: string, left: number, start: number): number {
	const middle = left + Math.ceil((start - left) / 2);
	let word = -1;
	for (let at = left; at < middle; at++) {
		if (at === 0) return 0;
		if (isWhite(text.charCodeAt(at))) continue;
		const rank = rankAt(text, at, Math.max(0, at - 64));
		if (rank >= RANK.sentence) return boundaryAtOrAfter(text, at, left);
		if (rank >= RANK.word && word < 0) word = at;
	}
	return word < 0 ? left : boundaryAtOrAfter(text, word, left);
}

function snapRight(text: string, end: number, right: number): number {
	const middle = end + Math.floor((right - end) / 2);
	const { at, rank } = bestBreak(text, middle, right);
	return rank === RANK.none ? right : boundaryAtOrBefore(text, at, end);
}
