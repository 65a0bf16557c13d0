import { escapeMarkup, type Estimate } from '../support';
import { formatNumber, type Scale } from './resultTable';

/** A dot with a whisker for each estimate, grouped by row. */
export interface IntervalChart {
	readonly title: string;
	/** What the axis measures: "recall, %". */
	readonly axis: string;
	/** One colour each, in this order. At most eight. */
	readonly series: readonly string[];
	/** `values` follow `series`; a gap is undefined. */
	readonly rows: ReadonlyArray<{
		readonly label: string;
		readonly values: ReadonlyArray<Estimate | undefined>;
	}>;
	readonly scale?: Scale;
	/** A value with a stronger line, always in view: 0 where differences are shown. */
	readonly mark?: number;
}

/** Okabe & Ito's colours, told apart by colour-blind readers too (jfly.uni-koeln.de/color). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999999'];
const WIDTH = 760;
const LABEL_WIDTH = 210;
const RIGHT = 20;
const LANE = 14;

/**
 * The chart as a self-contained SVG on white: no script, no outside font, every text escaped, a `<title>` on each dot for
 * screen readers and as a tooltip. Pure: the same data give the same bytes.
 */
export function renderIntervalChart(chart: IntervalChart): string {
	const { title, axis, series, rows, scale = 'percent', mark } = chart;
	const ticks = axisTicks([
		...rows.flatMap(({ values }) => values.flatMap((value) => (value ? [value.low, value.high] : []))),
		...(mark === undefined ? [] : [mark]),
	]);
	const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
	const x = (value: number) =>
		round(LABEL_WIDTH + ((value - low) / (high - low)) * (WIDTH - LABEL_WIDTH - RIGHT));
	const rowHeight = series.length * LANE + 10;
	const top = 34 + Math.ceil(series.length / 4) * 18;
	const bottom = top + rows.length * rowHeight;

	const grid = ticks.flatMap((tick) => [
		`<line x1="${x(tick)}" x2="${x(tick)}" y1="${top}" y2="${bottom}" stroke="#ddd"/>`,
		text(x(tick), bottom + 16, formatTick(tick, scale), 'middle'),
	]);
	const line =
		mark === undefined
			? ''
			: `<line x1="${x(mark)}" x2="${x(mark)}" y1="${top}" y2="${bottom}" stroke="#666" stroke-width="1.5"/>`;
	const legend = series.flatMap((name, index) => {
		const [left, y] = [LABEL_WIDTH + (index % 4) * 132, 40 + Math.floor(index / 4) * 18];
		return [
			`<circle cx="${left}" cy="${y - 4}" r="4" fill="${colourOf(index)}"/>`,
			text(left + 9, y, name, 'start'),
		];
	});
	const marks = rows.flatMap(({ label, values }, row) => {
		const y0 = top + row * rowHeight;
		const dots = values.map((value, index) => {
			if (!value) return '';
			const y = y0 + 5 + index * LANE + LANE / 2;
			const name = `${label}, ${series[index] ?? ''}: ${formatNumber(value.mean, scale)} (${formatNumber(value.low, scale)} to ${formatNumber(value.high, scale)})`;
			return (
				`<g stroke="${colourOf(index)}" fill="${colourOf(index)}"><title>${escapeMarkup(name)}</title>` +
				`<line x1="${x(value.low)}" x2="${x(value.high)}" y1="${y}" y2="${y}" stroke-width="2"/>` +
				`<circle cx="${x(value.mean)}" cy="${y}" r="4"/></g>`
			);
		});
		return [
			`<line x1="0" x2="${WIDTH}" y1="${y0}" y2="${y0}" stroke="#eee"/>`,
			text(LABEL_WIDTH - 10, y0 + rowHeight / 2 + 4, label, 'end'),
			...dots,
		];
	});
	const height = bottom + 40;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img"`,
		` font-family="system-ui, sans-serif" font-size="12" fill="#222"><title>${escapeMarkup(title)}</title>`,
		`<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
		`<text x="10" y="20" font-size="15" font-weight="600">${escapeMarkup(title)}</text>`,
		...legend,
		...grid,
		line,
		...marks,
		text(LABEL_WIDTH + (WIDTH - LABEL_WIDTH - RIGHT) / 2, bottom + 33, axis, 'middle'),
		'</svg>\n',
	].join('');
}

/** Round steps (1, 2 or 5 times a power of ten) around all values; 4 to 10 of them. */
function axisTicks(values: readonly number[]): number[] {
	const finite = values.filter(Number.isFinite);
	const low = finite.length > 0 ? Math.min(...finite) : 0;
	const high = finite.length > 0 ? Math.max(...finite) : 1;
	const span = high > low ? high - low : Math.abs(high) || 1;
	const power = 10 ** Math.floor(Math.log10(span / 5));
	const step = power * ([1, 2, 5].find((factor) => span / (factor * power) <= 8) ?? 10);
	const first = Math.floor(low / step + 1e-9);
	const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
	return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

const formatTick = (tick: number, scale: Scale): string =>
	Number((scale === 'percent' ? tick * 100 : tick).toPrecision(6)).toString();
const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? '#000000';
const round = (value: number): number => Math.round(value * 10) / 10;
const text = (x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string =>
	`<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapeMarkup(content)}</text>`;
