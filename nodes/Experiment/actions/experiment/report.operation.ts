import type { IDataObject } from 'n8n-workflow';
import {
	experimentHtml,
	reportExperiment,
	type Comparison,
	type ExperimentReport,
	type ExperimentReportOptions,
} from '../../../../lib/experiment';
import { optionsField } from '../../../shared/fields/optionsField';
import { forEachItem } from '../../../shared/runtime/items';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { withRounded } from '../../../../lib/support';
import { showReport } from '../../../shared/runtime/reports';
import type { Operation } from '../../../shared/runtime/operations';
import { defined } from '../../../shared/runtime/values';
import { experimentFields } from '../../shared/fields';
import { experimentStoreFor } from '../../shared/stores';

const HOUR = 3_600_000;

export const report: Operation = {
	option: {
		name: 'Get Report',
		value: 'report',
		action: 'Get the report of an experiment',
		description:
			'Compares the variants: which one is better, how certain that is, and whether another metric gets worse. As data and as a page.',
	},
	fields: [
		...experimentFields,
		{
			displayName: 'Metric',
			name: 'metric',
			type: 'string',
			required: true,
			default: 'solved',
			description: 'Metric that decides',
		},
		{
			displayName: 'Better Is',
			name: 'better',
			type: 'options',
			default: 'higher',
			description: 'Which values of the metric are better',
			options: [
				{ name: 'Higher', value: 'higher' },
				{ name: 'Lower', value: 'lower' },
			],
		},
		{
			displayName: 'Smallest Difference That Matters',
			name: 'smallestEffect',
			type: 'number',
			typeOptions: { minValue: 0, numberPrecision: 6 },
			required: true,
			default: 0.05,
			description:
				'Smallest difference that is worth finding, in the unit of the metric. For a success rate, 0.05 is five percentage points. Choose it before the first report, and do not change it.',
		},
		{
			displayName: 'Guardrails',
			name: 'guardrails',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			default: {},
			placeholder: 'Add Guardrail',
			description: 'Metrics that must not get worse. A variant that harms one of them is never the winner.',
			options: [
				{
					displayName: 'Guardrail',
					name: 'values',
					values: [
						{
							displayName: 'Metric',
							name: 'metric',
							type: 'string',
							default: '',
							placeholder: 'seconds',
							description: 'Name of a recorded metric',
						},
						{
							displayName: 'Better Is',
							name: 'better',
							type: 'options',
							default: 'lower',
							description: 'Which values of the metric are better',
							options: [
								{ name: 'Higher', value: 'higher' },
								{ name: 'Lower', value: 'lower' },
							],
						},
						{
							displayName: 'Tolerated Harm',
							name: 'tolerated',
							type: 'number',
							typeOptions: { minValue: 0, numberPrecision: 6 },
							default: 0.1,
							description: 'How much worse than the control a variant may be, in the unit of the metric',
						},
					],
				},
			],
		},
		{
			displayName: 'Units Without Outcome Count as 0',
			name: 'missingIsZero',
			type: 'boolean',
			default: false,
			description:
				'Whether a unit without an outcome counts as a failure. Turn it on if only successes are recorded.',
		},
		optionsField([
			{
				displayName: 'Count Outcomes Within (Hours)',
				name: 'windowHours',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 24,
				description:
					'Maximum time between assignment and outcome, in hours. Later outcomes do not count. If not set, all outcomes count.',
			},
			{
				displayName: 'Error Level',
				name: 'alpha',
				type: 'number',
				typeOptions: { minValue: 0.001, maxValue: 0.5, numberPrecision: 3 },
				default: 0.05,
				description:
					'Maximum probability of reporting a difference that does not exist, over all reports and variants together',
			},
			{
				displayName: 'Stopping Rule',
				name: 'stopping',
				type: 'options',
				default: 'sequential',
				description: 'When you may look at the results and stop the test',
				options: [
					{
						name: 'Any Time',
						value: 'sequential',
						description: 'You can look as often as you like, and stop as soon as there is a decision',
					},
					{
						name: 'Once, at the Planned Size',
						value: 'fixed',
						description: 'Needs fewer units, but gives no result before Units per Variant is reached',
					},
				],
			},
			{
				displayName: 'Units per Variant',
				name: 'maxPerVariant',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 1000,
				description:
					'Planned number of units per variant. The experiment is over when every variant has reached it. If not set, it has no end.',
			},
		]),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const settings = settingsOf(item);
			const store = await experimentStoreFor(item);
			const hours = item.optionalNumber('options.windowHours');
			const data = await store.data(
				item.text('experiment'),
				hours === undefined ? {} : { windowMs: hours * HOUR },
			);
			const result = reportExperiment(data, settings);
			const { report, file } = await showReport(run, item, {
				title: `Experiment ${result.experiment}`,
				task: 'Report',
				html: experimentHtml(result),
				file: 'experiment.html',
			});
			return { json: { ...withRounded(asJson(result)), report }, binary: { page: file } };
		}),
};

const settingsOf = (item: NodeItem): ExperimentReportOptions => ({
	metric: item.text('metric'),
	better: item.choice<'higher' | 'lower'>('better'),
	smallestEffect: item.number('smallestEffect'),
	guardrails: item.rows('guardrails.values').flatMap((row) => {
		const metric = row.optionalText('metric');
		if (metric === undefined) return [];
		return [{ metric, better: row.choice<'higher' | 'lower'>('better'), tolerated: row.number('tolerated') }];
	}),
	missingIsZero: item.flag('missingIsZero'),
	...defined({
		alpha: item.optionalNumber('options.alpha'),
		maxPerVariant: item.optionalNumber('options.maxPerVariant'),
	}),
	stopping: item.optionalChoice<'fixed' | 'sequential'>('options.stopping') ?? 'sequential',
});

function asJson(result: ExperimentReport): IDataObject {
	const { comparisons, variants, split, firstAt, lastAt, ended, warnings, scales, ...rest } = result;
	return {
		...rest,
		split: { ...split },
		variants: variants.map((variant) => ({ ...variant, metrics: { ...variant.metrics } })),
		comparisons: comparisons.map(({ primary, guardrails, ...comparison }) => ({
			...comparison,
			primary: comparisonJson(primary),
			guardrails: guardrails.map(comparisonJson),
		})),
		rates: Object.keys(scales).filter((metric) => scales[metric] === 'percent'),
		warnings: [...warnings],
		firstAt: timeText(firstAt),
		lastAt: timeText(lastAt),
		...(ended && { endedAt: timeText(ended.at), endedWith: ended.winner ?? null }),
	};
}

/** JSON has no infinity: an interval that is not known yet is null. */
function comparisonJson({ low, high, control, treatment, ...comparison }: Comparison): IDataObject {
	const finite = (value: number) => (Number.isFinite(value) ? value : null);
	return {
		...comparison,
		low: finite(low),
		high: finite(high),
		control: { n: control.n, mean: control.mean },
		treatment: { n: treatment.n, mean: treatment.mean },
	};
}

const timeText = (at: number): string | null => (Number.isFinite(at) ? new Date(at).toISOString() : null);
