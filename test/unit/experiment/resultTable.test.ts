import {
	formatCell,
	renderHtml,
	renderIntervalChart,
	renderMarkdown,
	type ReportTable,
} from '../../../lib/experiment';

const estimate = { mean: 0.823, low: 0.771, high: 0.869, n: 220 };
const table: ReportTable = {
	title: 'Recall <at> 5',
	columns: ['search', 'recall', 'questions'],
	rows: [
		{ label: 'hybrid | both', cells: [estimate, '220'] },
		{ label: '<script>alert(1)</script>', cells: [undefined, '"&'] },
	],
};

describe('a table of results', () => {
	it('is markdown whose cells cannot break the table', () => {
		expect(renderMarkdown(table).split('\n').slice(2, 6)).toEqual([
			'| search | recall | questions |',
			'|---|--:|--:|',
			'| hybrid \\| both | 82.3 (77.1–86.9) | 220 |',
			'| \\<script\\>alert(1)\\</script\\> | – | "& |',
		]);
	});

	it('is HTML in which no text is markup', () => {
		const html = renderHtml(table);
		expect(html).toContain('<td style="text-align:right">82.3 (77.1–86.9)</td>');
		expect(html).toContain('&lt;script&gt;');
		expect(html).not.toContain('<script>');
	});

	it('shows plain numbers, negative ones and bounds that are not known yet', () => {
		expect(formatCell(1234.5678, 'number')).toBe('1235');
		expect(formatCell(-0.012)).toBe('−1.2');
		expect(formatCell({ mean: 0, low: -Infinity, high: Infinity, n: 3 })).toBe('0.0 (−∞–∞)');
	});
});

describe('a chart of intervals', () => {
	const chart = {
		title: 'Recall & more',
		axis: 'recall, %',
		series: ['keyword', 'vector'],
		rows: [
			{ label: 'chunks < 400', values: [estimate, undefined] },
			{ label: '\u0000odd', values: [{ mean: 0.5, low: 0.4, high: 0.6, n: 2 }, estimate] },
		],
	};

	it('draws one dot per estimate, placed by its value', () => {
		const svg = renderIntervalChart(chart);
		expect(svg.match(/<g stroke/g)).toHaveLength(3);
		const [low, mean, high] = [
			/x1="([\d.]+)" x2="[\d.]+" y1="[\d.]+" y2="[\d.]+" stroke-width/,
			/<circle cx="([\d.]+)" cy="[\d.]+" r="4"\/><\/g>/,
			/x2="([\d.]+)" y1="[\d.]+" y2="[\d.]+" stroke-width/,
		].map((pattern) => Number(pattern.exec(svg)?.[1]));
		// ticks run from 40 to 90 %, the axis from x = 210 to 740
		expect([low, mean, high]).toEqual(
			[0.771, 0.823, 0.869].map((v) => expect.closeTo(210 + ((v - 0.4) / 0.5) * 530, 0)),
		);
	});

	it('is well-formed, escaped and the same each time', () => {
		const svg = renderIntervalChart(chart);
		expect(svg).toContain('Recall &amp; more');
		expect(svg).toContain('chunks &lt; 400');
		expect(svg).not.toContain('\u0000');
		expect(svg).toBe(renderIntervalChart(chart));
		const opened = svg.match(/<[a-z]+[^>/]*>|<[a-z]+[^>]*[^/]>/g)?.length ?? 0;
		expect(opened).toBe(svg.match(/<\/[a-z]+>/g)?.length);
	});

	it('has an axis even when there is nothing to show or all values are one', () => {
		expect(renderIntervalChart({ ...chart, rows: [] })).not.toMatch(/NaN|Infinity/);
		const same = { mean: 0.5, low: 0.5, high: 0.5, n: 1 };
		expect(renderIntervalChart({ ...chart, rows: [{ label: 'a', values: [same, same] }] })).not.toMatch(
			/NaN|Infinity/,
		);
	});
});
