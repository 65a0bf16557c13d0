import type { parse as Parse } from 'csv-parse/sync';
import { Paragraphs, type Parsed } from './parsed';

/** Columns named in a document's metadata; more are a sign of a transposed table. */
const NAMED_COLUMNS = 200;

/** The parser of CSV files. */
export async function loadCsv(): Promise<(data: string, textLength: number) => Parsed> {
	const { parse } = await import('csv-parse/sync');
	return (data, textLength) => readCsv(parse, data, textLength);
}

/** Each record as a paragraph of `column: value` lines; the first row names the columns. */
function readCsv(parse: typeof Parse, data: string, textLength: number): Parsed {
	const rows: string[][] = parse(data, {
		delimiter: delimiterOf(data),
		bom: true,
		relax_column_count: true,
		relax_quotes: true,
		skip_empty_lines: true,
		max_record_size: textLength,
	});
	const [first = [], ...rest] = rows;
	const columns = first.map((name, at) => name.trim() || `column ${at + 1}`);
	const records = new Paragraphs(textLength);
	// A single row names nothing: it is the data.
	if (rest.length === 0) records.add(first.join('\n'));
	for (const row of rest) {
		const lines = row.map((value, at) =>
			value.trim() === '' ? '' : `${columns[at] ?? `column ${at + 1}`}: ${value}`,
		);
		records.add(lines.filter((line) => line !== '').join('\n'));
	}
	return {
		text: records.text,
		metadata: { columns: columns.slice(0, NAMED_COLUMNS), records: Math.max(rest.length, 1) },
		locations: { field: 'record', starts: records.starts },
	};
}

/** The candidate that is most frequent in the first line. */
function delimiterOf(data: string): string {
	const line = data.slice(0, 10_000).split(/\r?\n/, 1)[0] ?? '';
	let best = ',';
	let most = 0;
	for (const candidate of [',', ';', '\t', '|']) {
		const count = line.split(candidate).length - 1;
		if (count > most) [best, most] = [candidate, count];
	}
	return best;
}
