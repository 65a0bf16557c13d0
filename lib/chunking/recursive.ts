import { bestBreak } from './breaks';
import { keptBefore } from './separators';
import type { Cutter } from './spans';

/** Cuts where the size ends. */
export const fixedCutter: Cutter = { cut: (_bodyStart, _floor, limit) => limit };

/**
 * Cuts behind the last separator of the strongest kind in the window: first the caller's own, in their order, then
 * heading, paragraph, line, sentence, clause, word, and where there is none of them the last grapheme that fits.
 */
export function recursiveCutter(text: string, separators: readonly string[]): Cutter {
	return {
		cut(_bodyStart, floor, limit) {
			if (limit >= text.length) return limit;
			return lastOwnSeparator(text, separators, floor, limit) ?? bestBreak(text, floor, limit).at;
		},
	};
}

function lastOwnSeparator(
	text: string,
	separators: readonly string[],
	floor: number,
	limit: number,
): number | undefined {
	if (separators.length === 0) return undefined;
	// A slice, because lastIndexOf on the whole text would look back to its beginning for each absent separator.
	const window = text.slice(floor, limit);
	for (const separator of separators) {
		const found = window.lastIndexOf(separator);
		if (found >= 0) return floor + found + keptBefore(separator);
	}
	return undefined;
}
