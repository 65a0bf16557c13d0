import { renderIntervalChart } from './chart';
import type { Comparison, GuardrailComparison } from './analysis';
import { differenceText, type ExperimentReport, type VariantReport } from './report';
import { escapeMarkup, htmlPage, shortened } from '../support';
import { formatNumber, renderHtml, type Scale } from './resultTable';

const STYLE =
	'th,td{font-weight:normal}td{white-space:nowrap}thead th{font-weight:600;text-align:right}thead th:first-child{text-align:left}' +
	'.decision{border-left:5px solid;padding:.6em 1em;background:#f6f6f6}.winner{border-color:#009e73}.keepControl{border-color:#d55e00}' +
	'.brokenSplit{border-color:#d55e00}.continue,.inconclusive{border-color:#999}li{margin:.3em 0}';

const HEADLINES: Readonly<Record<ExperimentReport['decision'], string>> = {
	winner: 'There is a winner',
	keepControl: 'Keep the control',
	continue: 'Not decided yet',
	inconclusive: 'No difference found',
	brokenSplit: 'The split is broken',
};

/** The report as one HTML page that needs nothing else; every text in it is escaped. Pure. */
export function experimentHtml(report: ExperimentReport): string {
	const { experiment, decision, winner, summary, warnings, ended } = report;
	const metrics = Object.keys(report.scales);
	const body = [
		`<h1>${escapeMarkup(experiment)}</h1>`,
		`<p>${escapeMarkup(period(report))}${ended?.winner ? `; ended with ${escapeMarkup(ended.winner)}` : ended ? '; ended' : ''}</p>`,
		`<div class="decision ${decision}"><strong>${HEADLINES[decision]}${winner === undefined ? '' : `: ${escapeMarkup(winner)}`}</strong>`,
		`<br>${escapeMarkup(summary)}</div>`,
		warnings.length === 0
			? ''
			: `<ul>${warnings.map((each) => `<li>${escapeMarkup(each)}</li>`).join('')}</ul>`,
		renderHtml(variantTable(report)),
		...metrics.map((metric) => chartOf(report, metric)),
		renderHtml(comparisonTable(report)),
	];
	return htmlPage(experiment, body.join('\n'), STYLE);
}

function period({ firstAt, lastAt }: ExperimentReport): string {
	if (!Number.isFinite(firstAt) || !Number.isFinite(lastAt)) return 'No unit assigned yet';
	const day = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
	return `Units assigned from ${day(firstAt)} to ${day(lastAt)} UTC`;
}

function variantTable({ variants, scales, split }: ExperimentReport) {
	return {
		title: 'Variants',
		columns: ['Variant', 'Weight', 'Units', 'Expected', ...Object.keys(scales)],
		rows: variants.map(({ variant, isControl, weight, assigned, expected, metrics }) => ({
			label: isControl ? `${variant} (control)` : variant,
			cells: [
				String(weight),
				String(assigned),
				expected.toFixed(0),
				...Object.entries(scales).map(([metric, scale]) => {
					const { n = 0, mean = 0 } = metrics[metric] ?? {};
					return n === 0 ? '–' : `${formatNumber(mean, scale)}${scale === 'percent' ? ' %' : ''} (n ${n})`;
				}),
			],
		})),
		note: `Split as planned: p = ${probability(split.p)}.`,
	};
}

function chartOf(report: ExperimentReport, metric: string): string {
	const scale = report.scales[metric] ?? 'number';
	const rows = report.comparisons.map((comparison) => {
		const { difference, low, high, treatment } = measured(comparison, metric) ?? comparison.primary;
		const known = Number.isFinite(low) && Number.isFinite(high);
		return {
			label: shortened(comparison.variant, LABEL_CHARACTERS),
			values: [known ? { mean: difference, low, high, n: treatment.n } : undefined],
		};
	});
	if (rows.every(({ values: [value] }) => value === undefined)) return '';
	return renderIntervalChart({
		title: `${metric}: difference from the control`,
		axis: scale === 'percent' ? `${metric}, percentage points` : metric,
		series: ['difference with interval'],
		rows,
		scale,
		mark: 0,
	});
}

const measured = (
	{ primary, guardrails }: VariantReport,
	metric: string,
): Comparison | GuardrailComparison | undefined =>
	primary.metric === metric ? primary : guardrails.find((each) => each.metric === metric);

function comparisonTable({ comparisons, scales }: ExperimentReport) {
	return {
		title: 'Compared with the control',
		columns: ['Variant', 'Metric', 'Difference', 'p (two-sided)', 'Verdict'],
		rows: comparisons.flatMap(({ variant, primary, guardrails, verdict }) =>
			[{ ...primary, word: verdict }, ...guardrails.map((each) => ({ ...each, word: each.state }))].map(
				(each) => ({
					label: variant,
					cells: [
						each.metric,
						differenceText(each, scaleOf(scales, each.metric)),
						probability(each.p),
						each.word,
					],
				}),
			),
		),
		note: 'Intervals and p-values of a sequential test hold at every look.',
	};
}

/** What fits beside a chart. */
const LABEL_CHARACTERS = 30;
const scaleOf = (scales: { readonly [metric: string]: Scale }, metric: string): Scale =>
	scales[metric] ?? 'number';
const probability = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));
