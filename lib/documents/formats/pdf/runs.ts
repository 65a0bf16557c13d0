import type { TextRun } from './lines';

/** Where something stands on a page, in points from the lower left. */
export interface Place {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/**
 * Shapes of letters, ligatures, and spaces of a certain width, which nobody types. pdf.js takes them apart itself, but those of
 * Arabic before it turns the text around, which turns their letters around too, and not all of them.
 */
const SHAPES =
	/[\u00a0\u00b5\u037e\u0eb3\u2000-\u200a\u202f\u2126\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufdff\ufe80-\ufefc]+/g;

const inPlainLetters = (text: string): string => text.replace(SHAPES, (found) => found.normalize('NFKC'));

/** The text of a page as if most of it ran from left to right: wide tables are often turned by a quarter. */
export interface PageText {
	readonly runs: TextRun[];
	/** How many quarters it was turned, against the clock. */
	readonly quarters: number;
}

/** What pdf.js gives for the text of a page. */
export function runsOf(items: ReadonlyArray<object>): PageText {
	const found = items.flatMap((item) => {
		if (!('str' in item) || typeof item.str !== 'string') return [];
		const transform: readonly unknown[] =
			'transform' in item && Array.isArray(item.transform) ? item.transform : [];
		const run = {
			text: inPlainLetters(item.str),
			...{ x: numberOf(transform[4]), y: numberOf(transform[5]) },
			width: 'width' in item ? numberOf(item.width) : 0,
			height: 'height' in item ? numberOf(item.height) : 0,
			endsLine: 'hasEOL' in item && item.hasEOL === true,
		};
		return [{ run, quarters: quartersOf(numberOf(transform[0]), numberOf(transform[1])) }];
	});
	const letters = [0, 0, 0, 0];
	for (const { run, quarters } of found) {
		if (quarters !== undefined) letters[quarters] = (letters[quarters] ?? 0) + run.text.trim().length;
	}
	const most = letters.indexOf(Math.max(...letters));
	const runs = found.map(({ run, quarters }) => {
		const [x, y] = turnedBack(run.x, run.y, most);
		return { ...run, x, y, isUpright: quarters === most };
	});
	return { runs, quarters: most };
}

/** Where a field stands once its page was turned like its text. */
export function placeTurned({ x, y, width, height }: Place, quarters: number): Place {
	const [x1, y1] = turnedBack(x, y, quarters);
	const [x2, y2] = turnedBack(x + width, y + height, quarters);
	return { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** How many quarters letters are turned against the clock; undefined where they are slanted. */
function quartersOf(cosine: number, sine: number): number | undefined {
	if (Math.abs(sine) < 0.01) return cosine > 0 ? 0 : 2;
	if (Math.abs(cosine) < 0.01) return sine > 0 ? 1 : 3;
	return undefined;
}

function turnedBack(x: number, y: number, quarters: number): readonly [x: number, y: number] {
	if (quarters === 1) return [y, -x];
	if (quarters === 2) return [-x, -y];
	return quarters === 3 ? [-y, x] : [x, y];
}
