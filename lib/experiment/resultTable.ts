import { escapeMarkup, escapeTableCell, type Estimate } from '../support';

export type Cell = Estimate | number | string | undefined;

/** A table of results: what docs pages, node output and HTML previews are made from. */
export interface ReportTable {
	readonly title: string;
	/** Header of the label column, then of each value column. */
	readonly columns: readonly string[];
	readonly rows: ReadonlyArray<{ readonly label: string; readonly cells: readonly Cell[] }>;
	/** `percent` (default) shows 0.823 as 82.3; `number` shows it as it is. */
	readonly scale?: Scale;
	readonly note?: string;
}

export type Scale = 'percent' | 'number';

/** The table as GitHub-flavoured markdown. Pure: the same table gives the same text. */
export function renderMarkdown(table: ReportTable): string {
	const { title, columns, rows, note, scale } = table;
	const line = (cells: readonly string[]) => `| ${cells.map(escapeTableCell).join(' | ')} |`;
	return [
		`**${title}**`,
		'',
		line(columns),
		`|---|${columns
			.slice(1)
			.map(() => '--:|')
			.join('')}`,
		...rows.map(({ label, cells }) => line([label, ...cells.map((cell) => formatCell(cell, scale))])),
		...(note ? ['', note] : []),
		'',
	].join('\n');
}

/** The table as an HTML fragment; every text in it is escaped. */
export function renderHtml(table: ReportTable): string {
	const { title, columns, rows, note, scale } = table;
	const head = columns.map((column) => `<th>${escapeMarkup(column)}</th>`).join('');
	const body = rows.map(({ label, cells }) => {
		const values = cells.map(
			(cell) => `<td style="text-align:right">${escapeMarkup(formatCell(cell, scale))}</td>`,
		);
		return `<tr><th style="text-align:left">${escapeMarkup(label)}</th>${values.join('')}</tr>`;
	});
	return [
		`<table><caption>${escapeMarkup(title)}</caption>`,
		`<thead><tr>${head}</tr></thead>`,
		`<tbody>${body.join('')}</tbody></table>`,
		note ? `<p>${escapeMarkup(note)}</p>` : '',
	].join('');
}

/** "82.3 (77.1–86.9)" for an estimate; an absent value is a dash. */
export function formatCell(cell: Cell, scale: Scale = 'percent'): string {
	if (cell === undefined) return '–';
	if (typeof cell === 'string') return cell;
	if (typeof cell === 'number') return formatNumber(cell, scale);
	return `${formatNumber(cell.mean, scale)} (${formatNumber(cell.low, scale)}–${formatNumber(cell.high, scale)})`;
}

export function formatNumber(value: number, scale: Scale = 'percent'): string {
	if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : '–';
	const text = scale === 'percent' ? (value * 100).toFixed(1) : Number(value.toPrecision(4)).toString();
	return text.replace('-', '−');
}
