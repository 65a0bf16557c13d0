import type { Annotation } from './annotations';
import type { TextRun } from './lines';
import { placeTurned, type Place } from './runs';

/** Places that are looked for among all runs of a page; more are a sign of an attack. */
const MAX_STRUCK = 2_000;
/** Height of a letter's middle above its baseline, in heights. */
const MIDDLE = 0.3;

/**
 * The runs of a page without the words that an annotation strikes through, as a deletion is left out of a Word file.
 * @param quarters how the page was turned (`runsOf`)
 */
export function withoutStruck(
	runs: readonly TextRun[],
	annotations: readonly Annotation[],
	quarters: number,
): readonly TextRun[] {
	const struck = annotations
		.filter(({ subtype, hidden }) => subtype === 'StrikeOut' && hidden !== true)
		.flatMap(({ quadPoints }) => boxesIn(quadPoints))
		.slice(0, MAX_STRUCK)
		.map((box) => placeTurned(box, quarters));
	return struck.length === 0 ? runs : runs.map((run) => ({ ...run, text: keptOf(run, struck) }));
}

/** The boxes around the corners that an annotation names, four a box. */
function boxesIn(points: unknown): Place[] {
	const numbers = Array.from((points ?? []) as ArrayLike<unknown>).filter((each) => typeof each === 'number');
	const boxes: Place[] = [];
	for (let at = 0; at + 8 <= numbers.length; at += 8) {
		const corners = numbers.slice(at, at + 8);
		const xs = corners.filter((_, each) => each % 2 === 0);
		const ys = corners.filter((_, each) => each % 2 === 1);
		const [x, y] = [Math.min(...xs), Math.min(...ys)];
		boxes.push({ x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y });
	}
	return boxes;
}

/** A word is struck if its middle is; letters are taken to be equally wide. */
function keptOf({ text, x, y, width, height }: TextRun, struck: readonly Place[]): string {
	const middle = y + height * MIDDLE;
	const near = struck.filter((box) => middle > box.y && middle < box.y + box.height);
	if (near.length === 0 || text === '') return text;
	const letter = width / text.length;
	return text.replace(/\S+/g, (word, at: number) => {
		const center = x + (at + word.length / 2) * letter;
		return near.some((box) => center > box.x && center < box.x + box.width) ? '' : word;
	});
}
