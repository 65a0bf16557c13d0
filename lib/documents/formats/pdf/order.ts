import type { TextRun } from './lines';

/** A run that begins so far before the end of the one before it goes back, in heights of a letter; less is an accent. */
const BACK = 0.5;
/** Runs stand on one line if their baselines differ by less than this share of the smaller height. */
const SAME_LINE = 0.3;
/** Two runs that are so far apart are two words. */
const WORD_GAP = 0.12;
/** Letters drawn again so near make them bold. */
const SAME_PLACE = 0.2;

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}]/gu;

type Direction = 'ltr' | 'rtl' | 'none';

/**
 * The runs of a page, those of each line in the order in which they are read. Programs draw the cells of a row, and the words of a
 * line from right to left, in any order; pdf.js gives them as they were drawn, with nothing between them.
 */
export function inReadingOrder(runs: readonly TextRun[]): TextRun[] {
	const ordered: TextRun[] = [];
	let line: TextRun[] = [];
	const end = (): void => {
		for (const run of orderOf(line)) ordered.push(run);
		line = [];
	};
	for (const run of runs) {
		line.push(run);
		if (run.endsLine) end();
	}
	end();
	return ordered;
}

function orderOf(line: readonly TextRun[]): readonly TextRun[] {
	const all = line.filter(({ height, text }) => height > 0 && text.trim() !== '');
	if (all.length < 2 || all.some(({ isUpright }) => isUpright === false)) return line;
	const isInOrder = !all.some((run, at) => goesBack(all[at - 1], run));
	if (isInOrder && !all.some(({ text }) => directionOf(text) === 'rtl')) return line;
	const drawn = withoutRepeated(all);
	const isOneLine = drawn.every((run, at) => !goesBack(drawn[at - 1], run) || isBeside(drawn[at - 1], run));
	return spaced(isOneLine ? sorted(drawn) : drawn, line.at(-1)?.endsLine === true);
}

const goesBack = (before: TextRun | undefined, run: TextRun): boolean =>
	before !== undefined && run.x < before.x + before.width - BACK * run.height;

const isBeside = (before: TextRun | undefined, run: TextRun): boolean =>
	before !== undefined && Math.abs(run.y - before.y) <= SAME_LINE * Math.min(run.height, before.height);

/** By place; what is written in the other direction than the line keeps its own. */
function sorted(runs: readonly TextRun[]): TextRun[] {
	const text = runs.map((run) => run.text).join('');
	const letters = text.match(/\p{L}/gu)?.length ?? 0;
	const isRightToLeft = (text.match(RIGHT_TO_LEFT)?.length ?? 0) > letters / 2;
	const byPlace = [...runs].sort((a, b) => a.x - b.x);
	return isRightToLeft ? turned(byPlace.reverse(), 'ltr') : turned(byPlace, 'rtl');
}

/** Turns around each row of runs that are written in a direction, with what stands between them. */
function turned(runs: readonly TextRun[], direction: Direction): TextRun[] {
	const found: TextRun[] = [];
	for (let at = 0; at < runs.length; ) {
		let end = at;
		for (let next = at; next < runs.length; next++) {
			const its = directionOf(runs[next]?.text ?? '');
			if (its === direction) end = next + 1;
			else if (its !== 'none' || end === at) break;
		}
		found.push(...(end > at ? runs.slice(at, end).reverse() : runs.slice(at, at + 1)));
		at = Math.max(end, at + 1);
	}
	return found;
}

function directionOf(text: string): Direction {
	if (text.search(RIGHT_TO_LEFT) !== -1) return 'rtl';
	return /[\p{L}\p{N}]/u.test(text) ? 'ltr' : 'none';
}

/** With spaces where words are apart, and the end of the line behind the last. */
function spaced(runs: readonly TextRun[], endsLine: boolean): TextRun[] {
	return runs.flatMap((run, at) => {
		const before = runs[at - 1];
		const its = { ...run, endsLine: endsLine && at === runs.length - 1 };
		if (!before) return [its];
		const [left, right] = before.x <= run.x ? [before, run] : [run, before];
		const gap = right.x - left.x - left.width;
		const isApart = gap > WORD_GAP * run.height || !isBeside(before, run);
		return isApart ? [{ ...its, text: ' ', height: 0, endsLine: false }, its] : [its];
	});
}

/** Without runs that were drawn again at nearly the same place, which makes them bold. */
function withoutRepeated(runs: readonly TextRun[]): TextRun[] {
	return runs.filter((run, at) => {
		const before = runs[at - 1];
		const near = SAME_PLACE * run.height;
		return (
			before?.text !== run.text || Math.abs(before.x - run.x) > near || Math.abs(before.y - run.y) > near
		);
	});
}
