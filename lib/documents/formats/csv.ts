import { decodeText } from '../decode';
import { writeRecords } from './records';
import type { Parse } from './parse';

/** Characters that separate columns, the ones that stand in values least often first. */
const DELIMITERS = ['\t', ';', '|', ','] as const;
/** Characters and rows looked at to find the delimiter. */
const SAMPLE = { length: 1 << 16, rows: 100 };
/** Share of the rows that must have the same number of columns. */
const SAME_COLUMNS = 0.9;

type Rows = (text: string, delimiter: string) => string[][];

/** Each record as a paragraph of `column: value` lines. */
export async function loadCsv(): Promise<Parse> {
	const { parse } = await import('csv-parse/sync');
	return async ({ bytes }, writer) => {
		const { text: whole, warnings } = await decodeText(bytes);
		for (const warning of warnings ?? []) writer.warn(warning);
		// What Excel reads first: `sep=;`
		const [line = '', named] = /^\uFEFF?"?sep=(.)"?[^\S\r\n]*(?:\r\n?|\n|$)/i.exec(whole) ?? [];
		const text = whole.slice(line.length);
		const rows: Rows = (data, delimiter) =>
			parse(data, {
				...{ delimiter, bom: true, relax_column_count: true, relax_quotes: true },
				...{ skip_empty_lines: true, max_record_size: Math.max(text.length, 1) },
			});
		writeRecords(rows(text, named ?? delimiterOf(text, rows)), writer);
	};
}

/** The first candidate that cuts most rows into the same number of columns, else the one that cuts most. */
function delimiterOf(text: string, rows: Rows): string {
	const sample = text.slice(0, SAMPLE.length);
	// A row that the sample cuts in two is left out.
	const end = text.length > sample.length ? sample.lastIndexOf('\n') + 1 || sample.length : sample.length;
	const found = DELIMITERS.map((delimiter) => ({
		delimiter,
		...shapeOf(rows(sample.slice(0, end), delimiter).slice(0, SAMPLE.rows)),
	}));
	const even = found.find(({ columns, share }) => columns > 1 && share >= SAME_COLUMNS);
	const most = found.reduce((a, b) => (b.columns * b.share > a.columns * a.share ? b : a));
	return (even ?? (most.columns > 1 ? most : { delimiter: ',' })).delimiter;
}

/** The most frequent number of columns, and the share of the rows that have it. */
function shapeOf(rows: readonly string[][]): { columns: number; share: number } {
	const counts = new Map<number, number>();
	for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
	const [columns, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0]);
	return { columns, share: rows.length === 0 ? 0 : count / rows.length };
}
