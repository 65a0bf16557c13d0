import { boundaryAtOrBefore, clusterEnd } from './graphemes';
import type { Measure } from './measure';

/** A chunk before its text is cut: [start, end), of which [bodyStart, end) is new and the rest overlap. */
export interface Span {
	readonly start: number;
	readonly bodyStart: number;
	readonly end: number;
	/** Of [start, end); absent where the unit is characters. */
	readonly tokens?: number;
	/** One grapheme that is larger than the bound. */
	readonly oversized: boolean;
}

/** What differs between methods: where to cut. */
export interface Cutter {
	/**
	 * The best end of a chunk in (floor, limit]; any index will do, it is moved to a grapheme boundary afterwards. Where
	 * `limit` is the end of the text all of the rest fits.
	 */
	cut(bodyStart: number, floor: number, limit: number): number;
	/** Moves the start of an overlap later where it would tear a structure: `start` ≤ answer ≤ `bodyStart`. */
	overlapStart?(start: number, bodyStart: number): number;
}

interface Bounds {
	readonly size: number;
	readonly overlap: number;
}

/**
 * Walks over the text once and cuts it. Every chunk starts and ends beyond the one before, and every step costs time
 * in proportion to the chunk, never to the text: that is what keeps a 50 MB line linear.
 */
export function* cutSpans(text: string, measure: Measure, cutter: Cutter, bounds: Bounds): Generator<Span> {
	let start = 0;
	let bodyStart = 0;
	while (bodyStart < text.length) {
		const span = nextSpan(text, measure, cutter, bounds, start, bodyStart);
		yield span;
		bodyStart = span.end;
		start = overlapStart(text, measure, cutter, bounds, span);
	}
}

function nextSpan(
	text: string,
	measure: Measure,
	cutter: Cutter,
	{ size, overlap }: Bounds,
	overlapAt: number,
	bodyStart: number,
): Span {
	let start = overlapAt;
	let limit = measure.reach(start, bodyStart, size);
	if (limit <= bodyStart && start < bodyStart) {
		// Overlap and next grapheme do not fit together: keep as much overlap as leaves the grapheme room.
		start = Math.min(measure.reachBack(clusterEnd(text, bodyStart), start, size), bodyStart);
		limit = measure.reach(start, bodyStart, size);
	}
	// The first chunk must be longer than the overlap, else the second could not start behind it and overlap exactly.
	const floor = start === 0 && overlap > 0 ? measure.reach(0, bodyStart, overlap) : bodyStart;

	for (let step = 1; limit > bodyStart; step *= 2) {
		const end = chooseEnd(text, cutter, bodyStart, floor, limit);
		const tokens = measure.tokens(start, end);
		if (tokens === undefined || tokens <= size) return { start, bodyStart, end, tokens, oversized: false };
		// Counts are not monotone: a shorter span can count more. Try shorter ones, in growing steps.
		limit = boundaryAtOrBefore(text, Math.max(end - step, bodyStart), bodyStart);
	}

	const end = clusterEnd(text, bodyStart);
	const tokens = measure.tokens(bodyStart, end);
	return { start: bodyStart, bodyStart, end, tokens, oversized: (tokens ?? end - bodyStart) > size };
}

function chooseEnd(text: string, cutter: Cutter, bodyStart: number, floor: number, limit: number): number {
	if (limit <= floor) return limit;
	const end = boundaryAtOrBefore(text, Math.min(cutter.cut(bodyStart, floor, limit), limit), floor);
	return end > floor ? end : limit;
}

function overlapStart(
	text: string,
	measure: Measure,
	cutter: Cutter,
	{ overlap }: Bounds,
	last: Span,
): number {
	const { start, end } = last;
	if (overlap === 0 || end >= text.length) return end;
	const least = clusterEnd(text, start);
	if (least >= end) return end;
	const at = measure.reachBack(end, least, overlap);
	return cutter.overlapStart?.(at, end) ?? at;
}
