import type { DocumentWriter } from './writer';

/** Columns named in a document's metadata; more are a sign of a transposed table. */
const NAMED_COLUMNS = 200;
/** Rows looked at to tell a title from the header. */
const HEAD_ROWS = 20;

/**
 * Rows of a table as records: titles above it as paragraphs, then each row below the header as `column: value` lines. A
 * single row names nothing: it is the data.
 *
 * @param numberOf what the row at this position is called in its file, from 1. Default: records are counted from 1
 */
export function writeRecords(
	rows: ReadonlyArray<readonly string[]>,
	writer: DocumentWriter,
	numberOf?: (position: number) => number,
): void {
	const { titles, hasHeader } = headOf(rows);
	for (const title of rows.slice(0, titles)) {
		writer.paragraph(title.filter((cell) => cell.trim() !== '').join(' '));
	}
	const at = hasHeader ? titles : titles - 1;
	const header = hasHeader ? (rows[at] ?? []) : [];
	const columns = header.map((name, column) => name.replace(/\s+/g, ' ').trim() || `column ${column + 1}`);
	const records = rows.slice(at + 1);
	const empty = records.length === 0 ? [] : emptyColumns(header, records);
	if (empty.length > 0) writer.paragraph(`Empty columns: ${empty.join(', ')}`);
	if (records.length === 0) {
		writer.place('record', 1);
		writer.record([['', header.join('\n')]]);
	}
	records.forEach((row, position) => {
		if (numberOf) writer.place('row', numberOf(at + 1 + position));
		else writer.place('record', position + 1);
		writer.record(row.map((value, column) => [columns[column] ?? `column ${column + 1}`, value]));
	});
	if (!numberOf) {
		writer.setFact('columns', columns.slice(0, NAMED_COLUMNS));
		writer.setFact('records', Math.max(records.length, 1));
	}
}

/** Names of columns that no record has a value for: they would not be said anywhere. */
function emptyColumns(header: readonly string[], records: ReadonlyArray<readonly string[]>): string[] {
	const isEmpty = header.map((name) => name.trim() !== '');
	for (const row of records) {
		row.forEach((value, column) => {
			if (isEmpty[column] === true && value.trim() !== '') isEmpty[column] = false;
		});
	}
	return header.filter((_, column) => isEmpty[column]).map((name) => name.replace(/\s+/g, ' ').trim());
}

/** How many rows of titles stand above the table, and whether a row with the names of its columns follows. */
function headOf(rows: ReadonlyArray<readonly string[]>): { titles: number; hasHeader: boolean } {
	const filled = rows.slice(0, HEAD_ROWS).map((row) => row.filter((cell) => cell.trim() !== '').length);
	const width = Math.max(0, ...filled);
	if (width < 2) return { titles: 0, hasHeader: true };
	// Titles fill a cell or two of a table that is wider.
	const titles = filled.findIndex((count) => count >= Math.max(2, width * 0.6));
	const [first = [], second] = rows.slice(titles, titles + 2);
	return { titles, hasHeader: second === undefined || !isData(first) || !isData(second) };
}

/** Whether all cells are numbers: the names of columns are not. */
function isData(cells: readonly string[]): boolean {
	const values = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
	return values.length > 0 && values.every((value) => /\d/.test(value) && /^[-+\d.,'% ]+$/.test(value));
}
