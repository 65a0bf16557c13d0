import type { TableCell } from '../../types';
import type { LineCell, PageLine } from './lines';

/** What stands on a page, in its order: lines of text, or a table that the layout shows. */
export type PageSegment = { readonly lines: readonly PageLine[] } | { readonly table: TableCell[][] };

/** A table has this many rows, of three columns and more one less. */
const LEAST_ROWS = 3;
/** Rows are at most this many heights of a letter apart. */
const ROW_GAP = 3.2;
/** Letters of a table are of one height, within this share. */
const SAME_HEIGHT = 0.15;
/** Characters of a line in a column of a text; what stands in a table is mostly shorter. */
const PROSE = 26;
/** Lines from which two texts beside one another are columns. */
const LEAST_COLUMN_LINES = 4;
/** Of the cells of a table, the share that is filled. */
const LEAST_FILLED = 0.5;
/** A table with more columns is a drawing; of more rows the next ones are looked at anew. */
const MAX = { columns: 40, rows: 300 };

interface Row {
	readonly line: PageLine;
	readonly cells: readonly LineCell[];
}

/** Where a column begins and ends, in points. */
interface Band {
	readonly x: number;
	readonly right: number;
}

/**
 * Finds tables by their layout: lines that follow each other, cut at wide gaps in parts that stand below one another in the same
 * columns. Two columns of text whose lines were drawn across the page are put one behind the other.
 */
export function segmentsOf(lines: readonly PageLine[]): PageSegment[] {
	const segments: PageSegment[] = [];
	let text: PageLine[] = [];
	const flush = (): void => {
		if (text.length > 0) segments.push({ lines: text });
		text = [];
	};
	for (let at = 0; at < lines.length; ) {
		const { rows, bands } = groupAt(lines, at);
		const kind = kindOf(rows, bands);
		if (kind === 'table') {
			flush();
			segments.push({ table: tableOf(rows, bands) });
		} else if (kind === 'columns') text.push(...columnsOf(rows, bands));
		else text.push(...lines.slice(at, at + Math.max(1, rows.length)));
		at += Math.max(1, rows.length);
	}
	flush();
	return segments;
}

/** The lines from here on whose cells stand in common columns. */
function groupAt(lines: readonly PageLine[], start: number): { rows: Row[]; bands: readonly Band[] } {
	const rows: Row[] = [];
	let bands: readonly Band[] = [];
	for (let at = start; at < lines.length && rows.length < MAX.rows; at++) {
		const line = lines[at];
		const { cells = [] } = line ?? {};
		if (!line || cells.length === 0 || (rows.length === 0 && cells.length < 2)) break;
		const last = rows.at(-1)?.line;
		if (last && !follows(line, last)) break;
		const merged = withCells(bands, cells);
		if (merged.length > MAX.columns || !isApart(cells, merged)) break;
		// Columns that ran together.
		if (bands.length > merged.length || (rows.length > 0 && !rows.every((row) => isApart(row.cells, merged))))
			break;
		bands = merged;
		rows.push({ line, cells });
	}
	// Text below the table stands in its first column.
	while (rows.at(-1)?.cells.length === 1 && startsAt(rows.at(-1), bands) === 0) rows.pop();
	return { rows, bands };
}

const follows = (line: PageLine, last: PageLine): boolean =>
	line.y < last.y &&
	last.y - line.y <= ROW_GAP * last.height &&
	Math.abs(line.height - last.height) <= SAME_HEIGHT * last.height;

/** The bands of columns with those that the cells cover; bands that touch become one. */
function withCells(bands: readonly Band[], cells: readonly LineCell[]): Band[] {
	const all = [...bands, ...cells].sort((a, b) => a.x - b.x);
	const merged: Band[] = [];
	for (const { x, right } of all) {
		const last = merged.at(-1);
		if (last && x < last.right) merged.splice(-1, 1, { x: last.x, right: Math.max(last.right, right) });
		else merged.push({ x, right });
	}
	return merged;
}

const bandAt = (bands: readonly Band[], { x, right }: LineCell): number =>
	bands.findIndex((band) => x < band.right && right > band.x);

/** Whether no two cells of a line stand in one column. */
const isApart = (cells: readonly LineCell[], bands: readonly Band[]): boolean =>
	new Set(cells.map((cell) => bandAt(bands, cell))).size === cells.length;

const startsAt = (row: Row | undefined, bands: readonly Band[]): number =>
	row?.cells[0] ? bandAt(bands, row.cells[0]) : -1;

function kindOf(rows: readonly Row[], bands: readonly Band[]): 'table' | 'columns' | undefined {
	const full = rows.filter(({ cells }) => cells.length > 1);
	if (bands.length < 2 || full.length < LEAST_ROWS - (bands.length > 2 ? 1 : 0)) return undefined;
	const lengths = bands.map((_, column) =>
		median(
			full.flatMap(({ cells }) =>
				cells.filter((cell) => bandAt(bands, cell) === column).map(({ text }) => text.length),
			),
		),
	);
	const long = lengths.filter((length) => length >= PROSE).length;
	if (bands.length === 2 && long === 2) {
		return full.length >= LEAST_COLUMN_LINES && full.length >= rows.length * 0.6 ? 'columns' : undefined;
	}
	// A text beside an address or a note.
	if (bands.length === 2 && lengths.some((length) => length >= 2 * PROSE) && !hasFigures(full))
		return undefined;
	const filled = full.reduce((sum, { cells }) => sum + cells.length, 0) / (full.length * bands.length);
	return long < bands.length && full.length * 2 >= rows.length && filled >= LEAST_FILLED
		? 'table'
		: undefined;
}

/** Whether most rows end with a figure. */
const hasFigures = (rows: readonly Row[]): boolean =>
	rows.filter(({ cells }) => isFigure(cells.at(-1)?.text ?? '')).length * 2 >= rows.length;

function tableOf(rows: readonly Row[], bands: readonly Band[]): TableCell[][] {
	const found: string[][] = [];
	for (const row of rows) {
		const cells = bands.map((_, column) => textIn(row, bands, column));
		const above = found.at(-1);
		if (above && goesOn(row, cells, above))
			cells.forEach((text, column) => (above[column] = `${above[column] ?? ''} ${text}`.trim()));
		else found.push(cells);
	}
	const table = withNamesAbove(found);
	const hasHeader = isHeader(table);
	return table.map((cells, at) =>
		cells.map((text) => (hasHeader && at === 0 ? { text, isHeader: true } : { text })),
	);
}

const textIn = ({ cells }: Row, bands: readonly Band[], column: number): string =>
	cells
		.filter((cell) => bandAt(bands, cell) === column)
		.map(({ text }) => text)
		.join(' ');

const isFigure = (text: string): boolean => /^[^\p{L}\d]{0,3}\d/u.test(text);

/** Whether a line is the next one of a cell above: words alone, in one column that is filled there. */
function goesOn({ line, cells }: Row, texts: readonly string[], above: readonly string[]): boolean {
	const column = texts.findIndex((text) => text !== '');
	return (
		cells.length === 1 &&
		column > 0 &&
		!line.isApart &&
		!isFigure(texts[column] ?? '') &&
		above[column] !== '' &&
		above[column] !== undefined
	);
}

/** Names of columns may stand a little beside what is below them: columns that only the first row has join those without a name. */
function withNamesAbove(table: readonly string[][]): string[][] {
	const [first = [], ...others] = table;
	const isNameOnly = (column: number): boolean =>
		(first[column] ?? '') !== '' && others.every((row) => row[column] === '');
	const dropped = new Map<number, number>();
	first.forEach((_, column) => {
		if (!isNameOnly(column)) return;
		const next = [column + 1, column - 1].find(
			(each) =>
				each >= 0 && first[each] === '' && !dropped.has(each) && ![...dropped.values()].includes(each),
		);
		if (next !== undefined) dropped.set(column, next);
	});
	return table.map((row, at) => {
		const cells = [...row];
		if (at === 0) for (const [column, to] of dropped) cells[to] = first[column] ?? '';
		return cells.filter((_, column) => !dropped.has(column));
	});
}

/** Whether the first row names the columns: no figures in it, where a column below has them. */
function isHeader([first = [], ...others]: readonly string[][]): boolean {
	const filled = first.filter((text) => text !== '');
	if (filled.length < first.length - 1 || !filled.every((text) => /\p{L}/u.test(text) && !isFigure(text)))
		return false;
	// Of two columns the left one names what stands in the right one.
	if (filled.length < 3 && filled.some((text) => /\d/.test(text))) return false;
	return first.some((_, column) => {
		const below = others.map((row) => row[column] ?? '').filter((text) => text !== '');
		return below.length > 0 && below.filter(isFigure).length * 2 >= below.length;
	});
}

/** The lines of the left column, then those of the right one. */
function columnsOf(rows: readonly Row[], bands: readonly Band[]): PageLine[] {
	return bands.flatMap((_, column) => {
		let isFirst = true;
		return rows.flatMap(({ line, cells }) => {
			const text = textIn({ line, cells }, bands, column);
			if (text === '') return [];
			const isApart = isFirst ? column > 0 || line.isApart : line.isApart;
			isFirst = false;
			return [{ ...line, text, isApart }];
		});
	});
}

function median(numbers: readonly number[]): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? 0;
}
