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
}

/** Lines of a paragraph are 1–1.5 heights apart. */
const PARAGRAPH_GAP = 1.8;
/** Raised figures are smaller and stand higher than what they follow, by these shares of its height. */
const RAISED = { size: 0.85, least: 0.15, most: 0.9 };

export interface PageLine {
	readonly text: string;
	/** Height of most of its letters. */
	readonly height: number;
	/** Whether more space than between lines of a paragraph stands before it. */
	readonly isApart: boolean;
}

/** The lines of a page in the order in which they are drawn, which keeps columns together. */
export function linesOf(runs: readonly TextRun[]): PageLine[] {
	const lines: PageLine[] = [];
	let text = '';
	let height = 0;
	let longest = 0;
	let isApart = false;
	let baseline: number | undefined;
	/** The last run of the line that is not raised. */
	let base: TextRun | undefined;
	const end = (): void => {
		const line = text.replace(/[^\S\n]+/g, ' ').trim();
		if (line !== '') lines.push({ text: line, height, isApart });
		else if (lines.length > 0 && text === '' && height === 0) return;
		[text, height, longest, isApart, base] = ['', 0, 0, false, undefined];
	};
	for (const run of runs) {
		const isDrawn = run.height > 0 && run.text.trim() !== '';
		if (isDrawn && base === undefined) {
			isApart = baseline !== undefined && baseline - run.y > PARAGRAPH_GAP * run.height;
			baseline = run.y;
		}
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
