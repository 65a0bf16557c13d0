import { stats, statsHtml } from '../../../../lib/distillation';
import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { callOf } from '../../../shared/runtime/progress';
import { recordStoreFor } from '../../../shared/runtime/recordStores';
import { filterOf } from '../../shared/filter';
import { filterField } from '../../shared/filterField';
import { tokenField } from '../../shared/tokenFields';
import { countingOf } from '../../shared/tokens';

export const figures: Operation = {
	option: {
		name: 'Get Figures',
		value: 'figures',
		action: 'Get figures of the records',
		description: 'Counts, lengths, models and labels of the records, as data and as a page',
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
				description: 'What a million tokens would cost with the student, in any currency',
			},
			{
				displayName: 'Teacher Price per Million Tokens',
				name: 'teacherPrice',
				type: 'number',
				default: 0,
				description: 'What a million tokens cost now, in the same currency',
			},
			tokenField,
		]),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const teacher = item.optionalNumber('options.teacherPrice') ?? 0;
			const student = item.optionalNumber('options.studentPrice') ?? 0;
			const store = await recordStoreFor(item);
			const result = await stats(
				store.scan(filterOf(item), { signal }),
				{ ...countingOf(item), ...(teacher > 0 && { price: { teacher, student } }) },
				callOf(run, signal),
			);
			const page = await run.context.helpers.prepareBinaryData(
				Buffer.from(statsHtml(result)),
				'figures.html',
				'text/html',
			);
			return { json: { ...result }, binary: { page } };
		}),
};
