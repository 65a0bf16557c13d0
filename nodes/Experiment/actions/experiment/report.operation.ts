import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import {
	experimentHtml,
	reportExperiment,
	type Comparison,
	type ExperimentReport,
	type ExperimentReportOptions,
	type GuardrailOptions,
} from '../../../../lib/experiment';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields, experimentOf } from '../../shared/fields';
import { experimentStoreFor } from '../../shared/stores';

const HOUR = 3_600_000;

export const report: Operation = {
	option: {
		name: 'Get Report',
		value: 'report',
		action: 'Get the report of an experiment',
		description:
			'Which variant is better, how sure that is, and whether anything suffers; as data and as a page',
	},
	fields: [
		...experimentFields,
		{
			displayName: 'Metric',
			name: 'metric',
			type: 'string',
			required: true,
			default: 'solved',
			description: 'The one metric that decides',
		},
		{
			displayName: 'Better Is',
			name: 'better',
			type: 'options',
			default: 'higher',
			description: 'Which way the metric should go',
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
				'In the unit of the metric; for a success rate 0.05 is five percentage points. Choose it before the first look and leave it.',
		},
		{
			displayName: 'Guardrails',
			name: 'guardrails',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			default: {},
			placeholder: 'Add Guardrail',
			description: 'Metrics that must not suffer: a variant that harms one is never called better',
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
							description: 'Which way the metric should go',
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
							description: 'How much worse than the control is still acceptable, in the unit of the metric',
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
			description: 'Whether only successes are recorded, so that a unit without an outcome is a failure',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: [
				{
					displayName: 'Count Outcomes Within (Hours)',
					name: 'windowHours',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 0,
					description: 'Outcomes later than this after the assignment do not count; 0 counts all',
				},
				{
					displayName: 'Error Level',
					name: 'alpha',
					type: 'number',
					typeOptions: { minValue: 0.001, maxValue: 0.5, numberPrecision: 3 },
					default: 0.05,
					description:
						'Chance of calling a difference where there is none, over all looks and variants together',
				},
				{
					displayName: 'Looks',
					name: 'stopping',
					type: 'options',
					default: 'sequential',
					description: 'When the figures may be looked at',
					options: [
						{
							name: 'Any Time',
							value: 'sequential',
							description: 'An always-valid test: look as often as you like, stop when it is decided',
						},
						{
							name: 'Once, at the Planned Size',
							value: 'fixed',
							description: 'Needs fewer units, and says nothing before Units per Variant is reached',
						},
					],
				},
				{
					displayName: 'Units per Variant',
					name: 'maxPerVariant',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 0,
					description:
						'Planned size: when every variant has so many units, the experiment is over. 0: no bound.',
				},
			],
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex }) => {
			const options = context.getNodeParameter('options', itemIndex, {});
			const settings = settingsOf(context, itemIndex, options);
			const store = await experimentStoreFor(context, itemIndex);
			const hours = options.windowHours;
			const data = await store.data(
				experimentOf(context, itemIndex),
				typeof hours === 'number' && hours > 0 ? { windowMs: hours * HOUR } : {},
			);
			const result = reportExperiment(data, settings);
			const page = await context.helpers.prepareBinaryData(
				Buffer.from(experimentHtml(result)),
				'experiment.html',
				'text/html',
			);
			return { json: asJson(result), binary: { page } };
		}),
};

function settingsOf(
	context: IExecuteFunctions,
	itemIndex: number,
	{ alpha, maxPerVariant, stopping }: IDataObject,
): ExperimentReportOptions {
	const metric = (context.getNodeParameter('metric', itemIndex) as string).trim();
	if (metric === '') throw new InputError('Name the metric that decides.');
	const guardrails = (
		context.getNodeParameter('guardrails.values', itemIndex, []) as GuardrailOptions[]
	).filter((guardrail) => guardrail.metric.trim() !== '');
	return {
		metric,
		better: context.getNodeParameter('better', itemIndex) === 'lower' ? 'lower' : 'higher',
		smallestEffect: context.getNodeParameter('smallestEffect', itemIndex) as number,
		guardrails: guardrails.map((guardrail) => ({ ...guardrail, metric: guardrail.metric.trim() })),
		missingIsZero: context.getNodeParameter('missingIsZero', itemIndex) === true,
		...(typeof alpha === 'number' && { alpha }),
		...(typeof maxPerVariant === 'number' && maxPerVariant > 0 && { maxPerVariant }),
		stopping: stopping === 'fixed' ? 'fixed' : 'sequential',
	};
}

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
