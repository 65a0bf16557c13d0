import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields, experimentOf } from '../../shared/fields';
import { experimentStoreFor } from '../../shared/stores';

export const end: Operation = {
	option: {
		name: 'End',
		value: 'end',
		action: 'End an experiment',
		description: 'From now on every unit gets the winner, and later outcomes do not count',
	},
	fields: [
		...experimentFields,
		{
			displayName: 'Winner',
			name: 'winner',
			type: 'string',
			default: '',
			placeholder: '={{ $json.winner }}',
			description: 'The variant that everybody gets from now on; empty: the control',
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex }) => {
			const experiment = experimentOf(context, itemIndex);
			const given: unknown = context.getNodeParameter('winner', itemIndex, '');
			const winner = typeof given === 'string' && given.trim() !== '' ? given.trim() : undefined;
			const ended = await (await experimentStoreFor(context, itemIndex)).end(experiment, winner);
			return {
				json: { experiment, endedAt: new Date(ended.at).toISOString(), winner: ended.winner ?? null },
			};
		}),
};
