import { toFeedback } from '../../../../lib/distillation';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { recordStoreFor } from '../../../shared/runtime/recordStores';
import { storeFields } from '../../../shared/fields/storeFields';

export const feedback: Operation = {
	option: {
		name: 'Add Feedback',
		value: 'feedback',
		action: 'Add feedback to a record',
		description:
			'Joins a thumb, a score or a corrected answer to a record; a correction becomes a preference pair',
	},
	fields: [
		...storeFields,
		{
			displayName: 'Record ID',
			name: 'recordId',
			type: 'string',
			default: '={{ $json.record }}',
			required: true,
			description: 'The ID that Add gave, or that the Engine Gateway answered with',
		},
		{
			displayName: 'Thumb',
			name: 'thumb',
			type: 'options',
			default: '',
			description: 'Was the answer wanted?',
			options: [
				{ name: 'Down', value: 'down' },
				{ name: 'None', value: '' },
				{ name: 'Up', value: 'up' },
			],
		},
		{
			displayName: 'Corrected Answer',
			name: 'correction',
			type: 'string',
			typeOptions: { rows: 3 },
			default: '',
			description: 'What the answer should have been; empty: no correction',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More feedback',
			options: [
				{
					displayName: 'Comment',
					name: 'comment',
					type: 'string',
					default: '',
					description: 'Kept with the feedback; nothing learns from it',
				},
				{
					displayName: 'Score',
					name: 'score',
					type: 'number',
					typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
					default: 1,
					description: 'From 0 (bad) to 1 (good)',
				},
			],
		},
	],
	execute: (context) =>
		forEachItem(context, async ({ itemIndex }) => {
			const text = (name: string) => {
				const value: unknown = context.getNodeParameter(name, itemIndex, '');
				return typeof value === 'string' && value.trim() !== '' ? value : undefined;
			};
			const options = context.getNodeParameter('options', itemIndex, {});
			const given = toFeedback({
				record: text('recordId'),
				thumb: text('thumb'),
				correction: text('correction'),
				comment: options.comment === '' ? undefined : options.comment,
				score: options.score,
			});
			const { written } = await (await recordStoreFor(context, itemIndex)).addFeedback([given]);
			return { json: { id: given.id, record: given.record, added: written === 1 } };
		}),
};
