import { stats, statsHtml } from '../../../../lib/distillation';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { recordStoreFor } from '../../../shared/runtime/recordStores';
import { storeFields } from '../../../shared/fields/storeFields';
import { filterField, filterOf } from '../../shared/filter';
import { countingOf, tokenField } from '../../shared/tokens';

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
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'How tokens are counted, and prices for an estimate of what a student would save',
			options: [
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
			],
		},
	],
	execute: (context) =>
		forEachItem(context, async ({ itemIndex, signal }) => {
			const options = context.getNodeParameter('options', itemIndex, {});
			const teacher = typeof options.teacherPrice === 'number' ? options.teacherPrice : 0;
			const student = typeof options.studentPrice === 'number' ? options.studentPrice : 0;
			const store = await recordStoreFor(context, itemIndex);
			const result = await stats(
				store.scan(filterOf(context, itemIndex), { signal }),
				{ ...countingOf(options), ...(teacher > 0 && { price: { teacher, student } }) },
				{ signal, onProgress: progressFor(context) },
			);
			const page = await context.helpers.prepareBinaryData(
				Buffer.from(statsHtml(result)),
				'figures.html',
				'text/html',
			);
			return { json: { ...result }, binary: { page } };
		}),
};
