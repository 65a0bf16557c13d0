import { escapeMarkup, htmlPage } from '../../support';
import type { MeasureReport, MeasureStep } from '../types/measure';

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 64;
const RIGHT = 16;
const TOP = 28;
const BOTTOM = 40;

/** A measurement as one self-contained HTML page: throughput, time to first token and time per token over concurrency, and the table. */
export function measureChart(report: MeasureReport): string {
	const { steps, capacity } = report;
	const rows = steps
		.map(
			(step) =>
				`<tr><td>${step.concurrency}</td><td>${round(step.firstTokenMs.p50)} / ${round(step.firstTokenMs.p95)}</td><td>${round(step.perTokenMs.p50)} / ${round(step.perTokenMs.p95)}</td><td>${round(step.tokensPerSecond)}</td><td>${round(step.requestsPerSecond)}</td><td>${step.failed}</td><td>${step.meetsTarget ? 'yes' : 'no'}</td><td>${step.costPerMillionTokens === undefined ? '–' : round(step.costPerMillionTokens)}</td></tr>`,
		)
		.join('');
	const holds =
		capacity === undefined
			? 'No step kept the target.'
			: `Handles ${capacity.concurrency} requests at once: ${round(capacity.requestsPerSecond)} requests per second.`;
	const body = [
		`<h1>${escapeMarkup(report.engine)} · ${escapeMarkup(report.model)}</h1>`,
		`<p>${holds}${report.stopped === undefined ? '' : ` The sweep ended because ${escapeMarkup(report.stopped)}.`}</p>`,
		`<p>${cacheWords(report)}</p>`,
		line('Output tokens per second', steps, ({ tokensPerSecond }) => tokensPerSecond),
		line('Time to first token, p95, ms', steps, ({ firstTokenMs }) => firstTokenMs.p95),
		line('Time per output token, p95, ms', steps, ({ perTokenMs }) => perTokenMs.p95),
		`<table><tr><th>in flight</th><th>first token p50 / p95, ms</th><th>per token p50 / p95, ms</th><th>tokens/s</th><th>requests/s</th><th>failed</th><th>target kept</th><th>cost per million tokens</th></tr>${rows}</table>`,
	];
	return htmlPage(report.engine, body.join('\n'), 'td,th{text-align:right}svg{display:block;margin:12px 0}');
}

function cacheWords({ prefixCache, draftAcceptance }: MeasureReport): string {
	const percent = (share: number): string => `${Math.round(share * 100)} %`;
	const cache =
		prefixCache === undefined
			? 'The engine does not tell what its prefix cache holds.'
			: `Sent again, ${percent(prefixCache.hitShare)} of the first prompt came from the prefix cache: first token after ${round(prefixCache.firstTokenMs)} ms, before ${round(prefixCache.firstTokenMsBefore)} ms.`;
	return draftAcceptance === undefined
		? cache
		: `${cache} Speculative decoding: ${percent(draftAcceptance)} of the proposed tokens were kept.`;
}

function line(title: string, steps: readonly MeasureStep[], value: (step: MeasureStep) => number): string {
	const most = Math.max(...steps.map(value), Number.MIN_VALUE);
	const widest = Math.max(...steps.map(({ concurrency }) => concurrency), 1);
	const x = (step: MeasureStep): number => LEFT + (step.concurrency / widest) * (WIDTH - LEFT - RIGHT);
	const y = (step: MeasureStep): number => HEIGHT - BOTTOM - (value(step) / most) * (HEIGHT - TOP - BOTTOM);
	const points = steps.map((step) => `${x(step).toFixed(1)},${y(step).toFixed(1)}`).join(' ');
	const marks = steps
		.map(
			(step) =>
				`<circle cx="${x(step).toFixed(1)}" cy="${y(step).toFixed(1)}" r="3" fill="#2563eb"/><text x="${x(step).toFixed(1)}" y="${(y(step) - 8).toFixed(1)}" text-anchor="middle">${round(value(step))}</text><text x="${x(step).toFixed(1)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${step.concurrency}</text>`,
		)
		.join('');
	return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${title}" font-size="11"><text x="${LEFT}" y="14" font-size="13">${title}</text><path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#999"/><polyline points="${points}" fill="none" stroke="#2563eb" stroke-width="2"/>${marks}<text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">requests in flight</text></svg>`;
}

function round(value: number): string {
	return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
