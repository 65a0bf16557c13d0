import { escapeMarkup, formatCount, htmlPage, shortened } from '../support';
import type { Funnel, RejectedRecord } from './curate/types';
import { answerIn, questionIn } from './shown';
import type { Stats } from './stats';

const ROW = 34;
const BAR = 380;
const LEFT = 150;
/** Characters of a rejected question or answer in the page. */
const TEXT = 600;

/** The funnel as SVG: a bar for what entered each gate, its rejected part marked, with the most frequent reasons. */
export function funnelSvg(funnel: Funnel): string {
	const rows = [
		...funnel.gates.map((gate) => {
			const reasons = Object.entries(gate.reasons).slice(0, 3);
			return {
				name: gate.gate,
				in: gate.in,
				kept: gate.kept,
				note: reasons.map(([reason, number]) => `${reason} ${formatCount(number)}`).join(', '),
			};
		}),
		{
			name: 'kept',
			in: funnel.kept,
			kept: funnel.kept,
			note: Object.entries(funnel.splits)
				.map(([split, number]) => `${split} ${formatCount(number)}`)
				.join(', '),
		},
	];
	const height = 44 + rows.length * ROW;
	const width = (value: number) => (funnel.input === 0 ? 0 : (value / funnel.input) * BAR);
	const parts = rows.map((row, position) => {
		const y = 40 + position * ROW;
		const rejected = row.in - row.kept;
		return [
			`<text x="${LEFT - 10}" y="${y + 15}" text-anchor="end">${escapeMarkup(row.name)}</text>`,
			`<rect x="${LEFT}" y="${y}" width="${width(row.kept).toFixed(1)}" height="20" rx="2" fill="#2e7d6b"/>`,
			rejected === 0
				? ''
				: `<rect x="${(LEFT + width(row.kept)).toFixed(1)}" y="${y}" width="${Math.max(1, width(rejected)).toFixed(1)}" height="20" rx="2" fill="#d0653f"/>`,
			`<text x="${LEFT + BAR + 10}" y="${y + 15}">${formatCount(row.kept)}${rejected === 0 ? '' : ` <tspan fill="#b04a26">−${formatCount(rejected)}</tspan>`}</text>`,
			row.note === ''
				? ''
				: `<text x="${LEFT + BAR + 130}" y="${y + 15}" fill="#666">${escapeMarkup(row.note)}</text>`,
		].join('');
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 ${height}" width="960" height="${height}" role="img" aria-label="Funnel: ${formatCount(funnel.input)} records in, ${formatCount(funnel.kept)} kept" font-family="system-ui,sans-serif" font-size="13"><rect width="960" height="${height}" fill="#fff"/><text x="${LEFT}" y="24" font-size="15" font-weight="600">${formatCount(funnel.input)} records in, ${formatCount(funnel.kept)} kept</text>${parts.join('')}</svg>`;
}

function table(head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string {
	const cell = (value: string | number) =>
		typeof value === 'number'
			? `<td style="text-align:right">${formatCount(value)}</td>`
			: `<td>${escapeMarkup(value)}</td>`;
	return `<table><thead><tr>${head.map((name) => `<th>${escapeMarkup(name)}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('')}</tbody></table>`;
}

const page = (title: string, body: string): string =>
	htmlPage(title, `<h1>${escapeMarkup(title)}</h1>${body}`);

/** The funnel as a page: the chart, every reason in a table, and examples of what was rejected with their texts. */
export function funnelHtml(funnel: Funnel, rejected: readonly RejectedRecord[] = []): string {
	const rows = funnel.gates.flatMap((gate): Array<ReadonlyArray<string | number>> => {
		const reasons = Object.entries(gate.reasons);
		return reasons.length === 0
			? [[gate.gate, gate.in, gate.kept, gate.changed, '', '']]
			: reasons.map(([reason, number], position) =>
					position === 0
						? [gate.gate, gate.in, gate.kept, gate.changed, reason, number]
						: ['', '', '', '', reason, number],
				);
	});
	return page(
		'How the set was curated',
		funnelSvg(funnel) +
			table(['gate', 'in', 'kept', 'changed', 'reason', 'rejected'], rows) +
			rejectedTable(rejected),
	);
}

function rejectedTable(rejected: readonly RejectedRecord[]): string {
	if (rejected.length === 0) return '';
	const rows = rejected.map(({ record, gate, reason, detail = '' }) => [
		...[gate, reason, shortened(detail, TEXT)],
		...[shortened(questionIn(record), TEXT), shortened(answerIn(record), TEXT), record.id],
	]);
	return `<h2>Rejected records, some for each reason</h2>${table(['gate', 'reason', 'detail', 'question', 'answer', 'ID'], rows)}`;
}

/** Figures of a set as a page. */
export function statsHtml(stats: Stats): string {
	const { length } = stats;
	const tally = (title: string, counts: { readonly [name: string]: number }) =>
		`<h2>${escapeMarkup(title)}</h2>${table([title, 'records'], Object.entries(counts))}`;
	const money = (value: number) => value.toFixed(2);
	const facts: Array<readonly [string, string | number]> = [
		['records', stats.records],
		['with an answer', stats.answered],
		['corrected by a person', stats.corrected],
		['exact duplicates', stats.exactDuplicates],
		[`tokens (${stats.tokensAre})`, stats.tokens],
		['tokens a record: least', length.least],
		['tokens a record: median', length.p50],
		['tokens a record: 95th percentile', length.p95],
		['tokens a record: most', length.most],
		['from', stats.from ?? ''],
		['to', stats.to ?? ''],
	];
	if (stats.cost !== undefined)
		facts.push(
			['cost with the teacher', money(stats.cost.teacher)],
			['cost with the student', money(stats.cost.student)],
			['saved', money(stats.cost.saved)],
		);
	return page(
		'Recorded exchanges',
		[
			table(['figure', 'value'], facts),
			tally('model', stats.byModel),
			tally('workflow', stats.byWorkflow),
			tally('finish reason', stats.byFinishReason),
			...Object.entries(stats.byLabel).map(([label, counts]) => tally(label, counts)),
		].join(''),
	);
}
