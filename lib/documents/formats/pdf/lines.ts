import { raisedText } from '../raised';

/** A run of letters as pdf.js gives it: where it stands on the page, in points from the lower left. */
export interface TextRun {
	readonly text: string;
	readonly x: number;
	readonly y: number;
	readonly width: number;
	/** Of its letters; 0 for what only stands between runs. */
	readonly height: number;
	/** Whether the line ends behind it. */
	readonly endsLine: boolean;
	/** Whether it runs from left to right; others stand in no table. */
	readonly isUpright?: boolean;
	/** What was typed into a form, behind its label. */
	readonly isValue?: boolean;
}

/** Lines of a paragraph are 1–1.5 heights apart. */
const PARAGRAPH_GAP = 1.8;
/** Raised figures are smaller and stand higher than what they follow, by these shares of its height. */
const RAISED = { size: 0.85, least: 0.15, most: 0.9 };

/** Space between two runs from which they are apart, in heights of a letter: words of a spaced line are at most one apart. */
const CELL_GAP = 1.1;
/** Bullets and numbers of lists stand apart from their text. */
const LIST_MARK = /^(?:[^\p{L}\p{N}]|o|\(?[\p{L}\d]{1,3}[.)])$/u;
/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}]/u;

/** A part of a line that stands apart from the others. */
export interface LineCell {
	readonly text: string;
	/** Where it begins and ends, in points. */
	readonly x: number;
	readonly right: number;
}

export interface PageLine {
	readonly text: string;
	/** Height of most of its letters. */
	readonly height: number;
	/** Whether more space than between lines of a paragraph stands before it. */
	readonly isApart: boolean;
	/** Where it stands on the page, in points from below. */
	readonly y: number;
	/** Its parts, cut at wide gaps; undefined where it does not run from left to right. */
	readonly cells?: readonly LineCell[];
}

/** The lines of a page in the order in which they are drawn, which keeps columns together. */
export function linesOf(runs: readonly TextRun[]): PageLine[] {
	const lines: PageLine[] = [];
	let text = '';
	let height = 0;
	let longest = 0;
	let isApart = false;
	let baseline: number | undefined;
	let cells: CellStart[] | undefined = [];
	/** The last run of the line that is not raised. */
	let base: TextRun | undefined;
	const end = (): void => {
		const line = text.replace(/[^\S\n]+/g, ' ').trim();
		if (line !== '') lines.push({ text: line, height, isApart, y: baseline ?? 0, ...cut(text, cells) });
		else if (lines.length > 0 && text === '' && height === 0) return;
		[text, height, longest, isApart, base, cells] = ['', 0, 0, false, undefined, []];
	};
	for (const run of runs) {
		const isDrawn = run.height > 0 && run.text.trim() !== '';
		if (isDrawn && base === undefined) {
			isApart = baseline !== undefined && baseline - run.y > PARAGRAPH_GAP * run.height;
			baseline = run.y;
		}
		if (isDrawn) cells = withRun(cells, run, text.length, base);
		if (isDrawn && base && isRaised(run, base)) text += raisedText(text, run.text);
		else {
			text += run.text;
			if (isDrawn) base = run;
		}
		if (isDrawn && run.text.length > longest) [height, longest] = [run.height, run.text.length];
		if (run.endsLine) end();
	}
	end();
	return lines;
}

function isRaised(run: TextRun, base: TextRun): boolean {
	const rise = run.y - base.y;
	return (
		run.height <= base.height * RAISED.size &&
		rise >= base.height * RAISED.least &&
		rise <= base.height * RAISED.most
	);
}

/** Where in the text of a line a cell begins, and where it stands. */
interface CellStart {
	readonly at: number;
	readonly x: number;
	right: number;
}

/** The cells of a line with a further run: it goes on with the last one, or begins another. */
function withRun(
	cells: CellStart[] | undefined,
	{ x, width, height, isUpright, isValue }: TextRun,
	at: number,
	base: TextRun | undefined,
): CellStart[] | undefined {
	if (!cells || isUpright === false) return undefined;
	const last = cells.at(-1);
	const right = x + width;
	if (!last) cells.push({ at, x, right });
	// It goes back: the line is no row.
	else if (x < last.x) return undefined;
	else if (isValue !== true && x - last.right > CELL_GAP * (base?.height ?? height))
		cells.push({ at, x, right });
	else last.right = Math.max(last.right, right);
	return cells;
}

function cut(text: string, starts: readonly CellStart[] | undefined): Pick<PageLine, 'cells'> {
	if (!starts || starts.length === 0 || RIGHT_TO_LEFT.test(text)) return {};
	const cells: LineCell[] = [];
	starts.forEach(({ at, x, right }, number) => {
		const part = text
			.slice(at, starts[number + 1]?.at)
			.replace(/\s+/g, ' ')
			.trim();
		const last = cells.at(-1);
		if (last && LIST_MARK.test(last.text) && cells.length === 1)
			cells[0] = { text: `${last.text} ${part}`, x: last.x, right };
		else if (part !== '') cells.push({ text: part, x, right });
	});
	return { cells };
}
