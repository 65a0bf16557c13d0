import { escapeMarkup } from '../support';
import { describe } from './tuning';
import type { TunePoint, TuneReport } from './types';

const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 64;
const RIGHT = 24;
const TOP = 48;
const BOTTOM = 56;
/** Colours that stay apart for colour-blind readers (Okabe and Ito, 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00'];

/**
 * The curve of a tuning run as a self-contained SVG picture: time of the median search (logarithmic) to the right,
 * recall upwards, one colour a kind of index, the target as a line, the setting in use with a ring.
 */
export function tuningChart(report: TuneReport): string {
	const { curve, applied, targetRecall, k } = report;
	const times = curve.map(({ p50Ms }) => Math.max(0.01, p50Ms));
	const [fast, slow] = [Math.min(...times) / 1.2, Math.max(...times) * 1.2];
	const lowest = Math.floor(Math.min(targetRecall, ...curve.map(({ recall }) => recall)) * 20 - 0.5) / 20;
	const x = (ms: number): number =>
		LEFT + (Math.log(Math.max(0.01, ms) / fast) / Math.log(slow / fast)) * (WIDTH - LEFT - RIGHT);
	const y = (recall: number): number => TOP + ((1 - recall) / (1 - lowest)) * (HEIGHT - TOP - BOTTOM);
	const kinds = [...new Set(curve.map(({ kind }) => kind))];
	const colour = (point: TunePoint): string => COLOURS[kinds.indexOf(point.kind) % COLOURS.length] ?? '#000';
	const parts = [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="Recall against time of search">`,
		`<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
		`<text x="${LEFT}" y="24" font-size="15">Recall@${k} and time of a search, ${report.rows} vectors, ${report.questions} questions</text>`,
	];
	for (const recall of ticks(lowest)) {
		parts.push(
			line(LEFT, y(recall), WIDTH - RIGHT, y(recall), '#ddd'),
			text(LEFT - 8, y(recall) + 4, recall.toFixed(2), 'end'),
		);
	}
	for (const ms of decades(fast, slow)) {
		parts.push(
			line(x(ms), TOP, x(ms), HEIGHT - BOTTOM, '#eee'),
			text(x(ms), HEIGHT - BOTTOM + 18, `${ms} ms`, 'middle'),
		);
	}
	parts.push(
		`${line(LEFT, y(targetRecall), WIDTH - RIGHT, y(targetRecall), '#b00020', '6 4')}${text(WIDTH - RIGHT, y(targetRecall) - 5, `target ${targetRecall}`, 'end', '#b00020')}`,
	);
	for (const point of curve) {
		const [cx, cy] = [x(point.p50Ms).toFixed(1), y(point.recall).toFixed(1)];
		const label = `${describe(point)}: recall ${point.recall.toFixed(4)}, p50 ${point.p50Ms.toFixed(2)} ms, p95 ${point.p95Ms.toFixed(2)} ms`;
		parts.push(
			`<circle cx="${cx}" cy="${cy}" r="5" fill="${colour(point)}"><title>${escapeMarkup(label)}</title></circle>`,
		);
		if (point === applied)
			parts.push(`<circle cx="${cx}" cy="${cy}" r="10" fill="none" stroke="#000" stroke-width="2"/>`);
	}
	kinds.forEach((kind, i) => {
		const left = LEFT + i * 140;
		parts.push(
			`<circle cx="${left}" cy="${HEIGHT - 16}" r="5" fill="${COLOURS[i % COLOURS.length]}"/>`,
			text(left + 10, HEIGHT - 12, kind === 'none' ? 'exact' : kind),
		);
	});
	return `${parts.join('\n')}\n</svg>\n`;
}

/** The curve and what was put to use, as a page that needs nothing else; every text in it is escaped. */
export function tuningPage(report: TuneReport, name: string): string {
	const { applied, curve, targetRecall } = report;
	const title = `Tuning of ${name}`;
	const rows = curve.map(
		(point) =>
			`<tr><td>${escapeMarkup(describe(point))}</td><td>${(point.recall * 100).toFixed(1)} %</td><td>${point.p50Ms.toFixed(1)} ms</td></tr>`,
	);
	return [
		`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeMarkup(title)}</title>`,
		'<style>body{font:15px/1.5 system-ui,sans-serif;margin:24px}td,th{padding:2px 12px;text-align:left}svg{max-width:900px}</style></head><body>',
		`<h1>${escapeMarkup(title)}</h1>`,
		`<p>In use now: <strong>${escapeMarkup(describe(applied))}</strong>. It finds ${(applied.recall * 100).toFixed(1)} % of the truly nearest rows (target: ${(targetRecall * 100).toFixed(1)} %).</p>`,
		tuningChart(report),
		`<table><thead><tr><th>Setting</th><th>Found</th><th>Median search</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
		'</body></html>\n',
	].join('\n');
}

function ticks(lowest: number): number[] {
	const step = 1 - lowest > 0.3 ? 0.1 : 0.05;
	const count = Math.round((1 - lowest) / step);
	return Array.from({ length: count + 1 }, (_, i) => Number((1 - i * step).toFixed(2))).filter(
		(value) => value >= lowest,
	);
}

function decades(fast: number, slow: number): number[] {
	return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000].filter(
		(ms) => ms >= fast && ms <= slow,
	);
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string, dash = ''): string {
	const points = [x1, y1, x2, y2].map((value) => value.toFixed(1));
	return `<line x1="${points[0]}" y1="${points[1]}" x2="${points[2]}" y2="${points[3]}" stroke="${stroke}"${dash && ` stroke-dasharray="${dash}"`}/>`;
}

function text(x: number, y: number, content: string, anchor = 'start', fill = '#333'): string {
	return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${escapeMarkup(content)}</text>`;
}
