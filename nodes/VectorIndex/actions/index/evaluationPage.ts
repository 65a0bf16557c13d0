import { type EvaluationReport, type MetricName, METRIC_NAMES } from '../../../../lib/evaluation';
import { renderHtml, renderIntervalChart } from '../../../../lib/experiment';
import { htmlPage } from '../../../../lib/support';
import type { SearchQuery } from '../../../../lib/vectorIndex';

export type Mode = SearchQuery['mode'];

const MODE_NAMES: Readonly<Record<Mode, string>> = {
	hybrid: 'Meaning and keywords',
	keyword: 'Keywords',
	vector: 'Meaning',
};

/** The report of an evaluation as a page: a table and a chart. */
export function reportPage(reports: ReadonlyMap<Mode, EvaluationReport>, k: number, model: string): string {
	const modes = [...reports.keys()];
	const measured = METRIC_NAMES.filter((name) => modes.some((mode) => reports.get(mode)?.metrics[name]));
	const rows = measured.map((name: MetricName) => ({
		label: name,
		values: modes.map((mode) => reports.get(mode)?.metrics[name]),
	}));
	const title = `Retrieval with ${model}, first ${k} hits`;
	const series = modes.map((mode) => MODE_NAMES[mode]);
	const table = renderHtml({
		title,
		columns: ['metric', ...series],
		rows: rows.map(({ label, values }) => ({ label, cells: values })),
		note: 'Per cent, with 95 % intervals over questions.',
	});
	const chart = renderIntervalChart({ title, axis: '%', series, rows });
	return htmlPage(title, `${table}${chart}`);
}
