import { escapeMarkup, formatCount, formatDuration } from '../support';
import type { Job, JobState, Report } from './types';

const STYLE =
	'body{font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:900px;margin:2em auto;padding:0 1em}' +
	'table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ddd;padding:.4em .6em;text-align:left;vertical-align:top}' +
	'th{font-weight:600}.bar{background:#eee;height:10px;width:160px;border-radius:5px;overflow:hidden}.bar i{display:block;height:100%;background:#0072b2}' +
	'.failed,.stopped{color:#b00020}.quiet{color:#666}';

/** Seconds until the browser loads the page again: while something runs, and otherwise. */
const REFRESH = { running: 2, idle: 5 };
/** Jobs that have ended and are listed. */
const MAX_ENDED = 20;

const STATES: Readonly<Record<JobState, string>> = {
	running: 'running',
	finished: 'finished',
	failed: 'failed',
	stopped: 'stopped: n8n ended while it ran',
};

/**
 * What runs and what reports there are, as a page that keeps itself up to date without a script. Every text in it is escaped. Pure.
 *
 * @param link the address of a report's page
 */
export function overviewPage(
	jobs: readonly Job[],
	reports: readonly Report[],
	link: (id: string) => string,
): string {
	const running = jobs.filter(({ state }) => state === 'running');
	const ended = jobs.filter(({ state }) => state !== 'running').slice(0, MAX_ENDED);
	const seconds = running.length > 0 ? REFRESH.running : REFRESH.idle;
	return [
		'<!doctype html><html lang="en"><head><meta charset="utf-8">',
		`<meta http-equiv="refresh" content="${seconds}"><title>Local Engine Reports</title><style>${STYLE}</style></head><body>`,
		'<h1>Local Engine</h1><h2>Running now</h2>',
		running.length === 0
			? '<p class="quiet">Nothing is running.</p>'
			: table(RUNNING, running.map(runningRow)),
		ended.length === 0 ? '' : `<h2>Ended</h2>${table(ENDED, ended.map(endedRow))}`,
		'<h2>Reports</h2>',
		reports.length === 0
			? '<p class="quiet">There are no reports yet. Evaluate, Tune, Measure, Build, Figures, Compare and Report each make one.</p>'
			: table(
					REPORTS,
					reports.map((report) => reportRow(report, link(report.id))),
				),
		'</body></html>\n',
	].join('\n');
}

/** What is shown for a report that is not there. */
export const missingPage = (): string =>
	`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>No such report</title><style>${STYLE}</style></head><body><h1>This report is gone</h1><p>Only the newest 100 reports are kept. Run the operation again to make it anew.</p></body></html>\n`;

const RUNNING = ['Task', 'Progress', 'Done', 'Speed', 'Time left', 'Workflow'];
const ENDED = ['Task', 'State', 'Done', 'Ended', 'Workflow'];
const REPORTS = ['Report', 'Made by', 'When', 'Workflow'];

const table = (columns: readonly string[], rows: readonly string[]): string =>
	`<table><thead><tr>${columns.map((each) => `<th>${each}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

const row = (cells: readonly string[]): string =>
	`<tr>${cells.map((each) => `<td>${each}</td>`).join('')}</tr>`;

const nameOf = ({ task, subject }: Job): string =>
	`<strong>${escapeMarkup(task)}</strong><br>${escapeMarkup(subject)}`;

const whereOf = ({ node, workflow }: Pick<Job, 'node' | 'workflow'>): string =>
	`${escapeMarkup(workflow ?? '')}<br><span class="quiet">${escapeMarkup(node)}</span>`;

function doneOf({ done, total, unit, chunks }: Job): string {
	const parts = [`${formatCount(done)}${total === undefined ? '' : ` of ${formatCount(total)}`} ${unit}`];
	if (chunks !== undefined) parts.push(`${formatCount(chunks)} chunks`);
	return escapeMarkup(parts.join(', '));
}

function runningRow(job: Job): string {
	const { share, perSecond, chunksPerSecond, secondsLeft, unit, note } = job;
	const bar =
		share === undefined ? '…' : `<div class="bar"><i style="width:${(share * 100).toFixed(0)}%"></i></div>`;
	const speed =
		chunksPerSecond !== undefined
			? `${formatCount(chunksPerSecond)} chunks per second`
			: perSecond === undefined
				? ''
				: `${formatCount(perSecond)} ${unit} per second`;
	const details = note === undefined ? '' : `<br><span class="quiet">${escapeMarkup(note)}</span>`;
	return row([
		nameOf(job),
		bar,
		`${doneOf(job)}${details}`,
		escapeMarkup(speed),
		secondsLeft === undefined ? '' : formatDuration(secondsLeft * 1000),
		whereOf(job),
	]);
}

function endedRow(job: Job): string {
	const { state, error, updatedAt } = job;
	const why = error === undefined ? '' : `: ${escapeMarkup(error)}`;
	return row([
		nameOf(job),
		`<span class="${state}">${STATES[state]}${why}</span>`,
		doneOf(job),
		moment(updatedAt),
		whereOf(job),
	]);
}

function reportRow({ title, task, createdAt, ...where }: Report, link: string): string {
	return row([
		`<a href="${escapeMarkup(link)}">${escapeMarkup(title)}</a>`,
		escapeMarkup(task),
		moment(createdAt),
		whereOf(where),
	]);
}

const moment = (iso: string): string => escapeMarkup(iso.slice(0, 16).replace('T', ' ').concat(' UTC'));
