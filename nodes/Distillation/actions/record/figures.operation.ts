import { stats, statsHtml } from '../../../../lib/distillation';
import { forEachItem } from '../../../shared/items';
import type { Operation } from '../../../shared/operations';
import { progressFor } from '../../../shared/progress';
import { recordStoreFor, storeFields } from '../../../shared/recordStores';
import { filterField, filterOf } from '../../shared/filter';

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
			description: 'For an estimate of what a student would save',
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
			],
		},
	],
	execute: (context) =>
		forEachItem(context, async ({ itemIndex, signal }) => {
			const teacher = context.getNodeParameter('options.teacherPrice', itemIndex, 0) as number;
			const student = context.getNodeParameter('options.studentPrice', itemIndex, 0) as number;
			const store = await recordStoreFor(context, itemIndex);
			const result = await stats(
				store.scan(filterOf(context, itemIndex), { signal }),
				teacher > 0 ? { price: { teacher, student } } : {},
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
