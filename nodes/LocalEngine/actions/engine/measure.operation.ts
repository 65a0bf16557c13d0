import { optionsField } from '../../../shared/fields/optionsField';
import {
	MEASURE_DEFAULTS,
	measureChart,
	type MeasureOptions,
	type MeasureReport,
} from '../../../../lib/engine';
import { withRounded } from '../../../../lib/support';
import { enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { showReport } from '../../../shared/runtime/reports';
import { modelField } from '../../../shared/fields/modelField';
import { modelOf } from '../../../shared/runtime/model';
import { engineOf } from './chosenEngine';
import { engineField } from './engineFields';

const { maxTokens, promptTokens } = MEASURE_DEFAULTS;
const budgetSeconds = MEASURE_DEFAULTS.budgetMs / 1000;

export const measure: Operation = {
	option: {
		name: 'Measure',
		value: 'measure',
		action: 'Measure the capacity of an engine',
		description: 'Sends test requests for a limited time, and reports speed, capacity and cost, with a chart',
	},
	fields: [
		engineField,
		modelField,
		{
			displayName: 'Requests in Flight',
			name: 'concurrency',
			type: 'string',
			default: MEASURE_DEFAULTS.concurrency.join(', '),
			placeholder: '1, 2, 4, 8',
			description:
				'Number of requests that each step sends at the same time, separated by commas, at most 64',
		},
		{
			displayName: 'Time Limit (Seconds)',
			name: 'budgetSeconds',
			type: 'number',
			typeOptions: { minValue: 5 },
			default: budgetSeconds,
			description: 'Maximum time for the measurement. The results until then are reported.',
		},
		optionsField([
			{
				displayName: 'Maximum Tokens',
				name: 'maxTokens',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: maxTokens,
				description: 'Maximum number of tokens in each answer',
			},
			{
				displayName: 'Price per Hour',
				name: 'pricePerHour',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 4 },
				default: 0,
				description: 'Cost of the machine per hour. It is used to calculate the cost per million tokens.',
			},
			{
				displayName: 'Prompt Tokens',
				name: 'promptTokens',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: promptTokens,
				description: 'Length of each prompt, in tokens',
			},
			{
				displayName: 'Target: Time per Token (Ms)',
				name: 'targetPerTokenMs',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 100,
				description: 'Longest acceptable time between two tokens of an answer, in milliseconds',
			},
			{
				displayName: 'Target: Time to First Token (Ms)',
				name: 'targetFirstTokenMs',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 2000,
				description: 'Longest acceptable time until an answer begins, in milliseconds',
			},
		]),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const settings = settingsOf(item);
			const engine = await engineOf(item);
			const engines = await enginesFor(item.context, item.index);
			const job = { task: 'Measure', subject: engine, unit: 'steps' };
			const report = await watched(
				run,
				item,
				job,
				async ({ onProgress }) => {
					let found: MeasureReport | undefined;
					let done = 0;
					const total = settings.concurrency?.length;
					for await (const event of engines.measure({ ...settings, engine }, { signal, allowRemote: true })) {
						if (event.type === 'report') found = event.report;
						else onProgress({ done: ++done, total, note: `${event.step.concurrency} in flight` });
					}
					return found;
				},
				signal,
			);
			if (!report) throw new InputError('Nothing was measured before the time limit. Raise it.');
			const shown = await showReport(run, item, {
				title: `Capacity of ${engine}`,
				task: 'Measure',
				html: measureChart(report),
				file: 'capacity.html',
			});
			return {
				json: {
					...withRounded({
						...report,
						steps: report.steps.map((step) => ({ ...step })),
						capacity: report.capacity && { ...report.capacity },
					}),
					report: shown.report,
				},
				binary: { chart: shown.file },
			};
		}),
};

function settingsOf(item: NodeItem): Omit<MeasureOptions, 'engine'> {
	const option = (name: string) => item.optionalNumber(`options.${name}`);
	const steps = item.list('concurrency').map(Number);
	if (steps.length === 0 || steps.some((step) => !Number.isInteger(step) || step < 1 || step > 64)) {
		throw new InputError(
			'"Requests in Flight" should be whole numbers from 1 to 64, separated by commas: 1, 2, 4, 8.',
		);
	}
	return {
		model: modelOf(item),
		concurrency: steps.sort((a, b) => a - b),
		budgetMs: item.number('budgetSeconds') * 1000,
		maxTokens: option('maxTokens'),
		promptTokens: option('promptTokens'),
		pricePerHour: option('pricePerHour'),
		target: { firstTokenMs: option('targetFirstTokenMs'), perTokenMs: option('targetPerTokenMs') },
	};
}
