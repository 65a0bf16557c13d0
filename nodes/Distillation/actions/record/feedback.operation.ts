import { toFeedback } from '../../../../lib/distillation';
import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachGroup } from '../../../shared/runtime/groups';
import type { Operation } from '../../../shared/runtime/operations';
import type { ItemResult } from '../../../shared/runtime/outputs';
import { openRecordStore, recordTargetOf } from '../../../shared/runtime/recordStores';

export const feedback: Operation = {
	option: {
		name: 'Add Feedback',
		value: 'feedback',
		action: 'Add feedback to a record',
		description:
			'Adds a thumb, a score or a corrected answer to a record. A corrected answer becomes a preference pair.',
	},
	fields: [
		...storeFields,
		{
			displayName: 'Record ID',
			name: 'recordId',
			type: 'string',
			default: '={{ $json.record }}',
			required: true,
			description: 'ID of the record, as returned by Add, by Record Exchange or by the Engine Gateway',
		},
		{
			displayName: 'Thumb',
			name: 'thumb',
			type: 'options',
			default: '',
			description: 'Whether people liked the answer',
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
			description: 'What the answer should have been. Leave empty if there is no correction.',
		},
		optionsField([
			{
				displayName: 'Comment',
				name: 'comment',
				type: 'string',
				typeOptions: { rows: 2 },
				default: '',
				description: 'Comment to store with the feedback. It is not used for training.',
			},
			{
				displayName: 'Score',
				name: 'score',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
				default: 1,
				description: 'From 0 (bad) to 1 (good)',
			},
		]),
	],
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => ({
				target: await recordTargetOf(item),
				request: toFeedback({
					record: item.text('recordId'),
					thumb: item.choice('thumb') || undefined,
					correction: item.prose('correction') || undefined,
					comment: item.prose('options.comment').trim() || undefined,
					score: item.optionalNumber('options.score'),
				}),
			}),
			async ({ target, members }) => {
				const store = await openRecordStore(target);
				const results: ItemResult[] = [];
				// One by one: only so is it known which of them was there before.
				for (const { request } of members) {
					const { written } = await store.addFeedback([request]);
					results.push({ json: { id: request.id, record: request.record, added: written === 1 } });
				}
				return results;
			},
		),
};
