import { stats, statsHtml } from '../../../../lib/distillation';
import { withRounded } from '../../../../lib/support';
import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { showReport } from '../../../shared/runtime/reports';
import { filledRecordStoreFor } from '../../../shared/runtime/recordStores';
import { filterOf } from '../../shared/filter';
import { filterField } from '../../shared/filterField';
import { tokenField } from '../../shared/tokenFields';
import { countingOf } from '../../shared/tokens';

export const figures: Operation = {
	option: {
		name: 'Get Figures',
		value: 'figures',
		action: 'Get figures of the records',
		description: 'Returns counts, lengths, models and labels of the records, as data and as a page',
	},
	fields: [
		...storeFields,
		filterField,
		optionsField([
			{
				displayName: 'Student Price per Million Tokens',
				name: 'studentPrice',
				type: 'number',
				default: 0,
				description: 'Price of a million tokens with the student, in any currency',
			},
			{
				displayName: 'Teacher Price per Million Tokens',
				name: 'teacherPrice',
				type: 'number',
				default: 0,
				description: 'Price of a million tokens with the teacher, in the same currency',
			},
			tokenField,
		]),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const teacher = item.optionalNumber('options.teacherPrice') ?? 0;
			const student = item.optionalNumber('options.studentPrice') ?? 0;
			const store = await filledRecordStoreFor(item);
			const collection = item.text('collection');
			const options = { ...countingOf(item), ...(teacher > 0 && { price: { teacher, student } }) };
			const result = await watched(
				run,
				item,
				{ task: 'Get Figures', subject: collection, unit: 'records' },
				async (call) => await stats(store.scan(filterOf(item), { signal }), options, call),
				signal,
			);
			const { report, file } = await showReport(run, item, {
				title: `Figures of ${collection}`,
				task: 'Get Figures',
				html: statsHtml(result),
				file: 'figures.html',
			});
			return { json: { ...withRounded(result), report }, binary: { page: file } };
		}),
};
