import { optionsField } from '../../../shared/fields/optionsField';
import { TUNE_DEFAULTS, tuningPage } from '../../../../lib/vectorIndex';
import { withRounded } from '../../../../lib/support';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor, openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { showReport } from '../../../shared/runtime/reports';

const { sample } = TUNE_DEFAULTS;
const budgetMinutes = TUNE_DEFAULTS.budgetMs / 60_000;

export const tune: Operation = {
	option: {
		name: 'Tune',
		value: 'tune',
		action: 'Tune an index',
		description:
			'Measures search settings on your own vectors, and uses the fastest one that reaches the target recall',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Target Recall',
			name: 'targetRecall',
			type: 'number',
			typeOptions: { minValue: 0.5, maxValue: 1, numberPrecision: 3 },
			default: 0.95,
			description: 'Share of the nearest rows that a search must find, from 0 to 1',
		},
		{
			displayName: 'Time Limit (Minutes)',
			name: 'budgetMinutes',
			type: 'number',
			typeOptions: { minValue: 0.1, numberPrecision: 1 },
			default: budgetMinutes,
			description:
				'Stops testing new settings after this many minutes. The setting being tested is finished first.',
		},
		{
			displayName: 'Questions',
			name: 'sample',
			type: 'number',
			typeOptions: { minValue: 20 },
			default: sample,
			description: 'Number of rows of the index to use as questions',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const index = await openIndexFor(item);
			const { name } = await addressFor(item);
			const options = {
				targetRecall: item.number('targetRecall'),
				budgetMs: item.number('budgetMinutes') * 60_000,
				sample: item.number('sample'),
			};
			const report = await watched(
				run,
				item,
				{ task: 'Tune', subject: name, unit: 'settings tried' },
				async (call) => await index.tune(options, call),
				signal,
			);
			const shown = await showReport(run, item, {
				title: `Tuning of ${name}`,
				task: 'Tune',
				html: tuningPage(report, name),
				file: 'tuning.html',
			});
			return {
				json: {
					...withRounded({
						...report,
						curve: report.curve.map((point) => ({ ...point, search: { ...point.search } })),
						applied: { ...report.applied, search: { ...report.applied.search } },
						builds: report.builds.map((build) => ({ ...build })),
						notes: [...report.notes],
					}),
					report: shown.report,
				},
				binary: { chart: shown.file },
			};
		}),
};
