import type { Table } from '../types';

/** Columns written of one row; a table with more is no table. */
const MAX_COLUMNS = 1000;

/**
 * A table as `| … |` rows, with a `| --- |` row below the header rows. A cell that covers several rows stands in each of
 * them, so that every row can be understood by itself; one that covers several columns is followed by empty cells, in a
 * header row by itself again.
 */
export function tableText(table: Table): string {
	const rows = gridOf(table).filter(({ cells }) => cells.some((cell) => cell !== ''));
	const widest = rows.reduce((most, { cells }) => Math.max(most, cells.length), 0);
	const width = Math.min(widest, MAX_COLUMNS);
	const lines: string[] = [];
	rows.forEach(({ cells, isHeader }, at) => {
		lines.push(`| ${cells.join(' | ')} |`);
		if (isHeader && rows[at + 1]?.isHeader !== true && lines.length === at + 1) {
			lines.push(`|${' --- |'.repeat(width)}`);
		}
	});
	return lines.join('\n');
}

interface GridRow {
	readonly cells: string[];
	readonly isHeader: boolean;
}

/** The cells in their columns, covered ones filled in. */
export function gridOf(table: Table): GridRow[] {
	/** By column: what a cell above still covers. */
	let covered: Array<{ text: string; rows: number } | undefined> = [];
	return table.map((row) => {
		const cells: string[] = [];
		const next: typeof covered = [];
		const fill = (): void => {
			for (let above = covered[cells.length]; above !== undefined; above = covered[cells.length]) {
				if (above.rows > 1) next[cells.length] = { text: above.text, rows: above.rows - 1 };
				cells.push(above.text);
			}
		};
		for (const { text, isHeader, columns = 1, rows = 1 } of row) {
			fill();
			const line = text.replace(/\s+/g, ' ').trim();
			for (let at = 0; at < Math.min(columns, MAX_COLUMNS - cells.length); at++) {
				const shown = at === 0 || isHeader === true ? line : '';
				if (rows > 1) next[cells.length] = { text: shown, rows: rows - 1 };
				cells.push(shown);
			}
		}
		fill();
		covered = next;
		return { cells, isHeader: row.length > 0 && row.every(({ isHeader }) => isHeader === true) };
	});
}
