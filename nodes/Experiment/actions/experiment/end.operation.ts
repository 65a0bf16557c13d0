import { optionsField } from '../../../shared/fields/optionsField';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields } from '../../shared/fields';
import { experimentStoreFor } from '../../shared/stores';

export const end: Operation = {
	option: {
		name: 'End',
		value: 'end',
		action: 'End an experiment',
		description:
			'Ends an experiment. From then on, every unit gets the winner, and later outcomes do not count.',
	},
	fields: [
		...experimentFields,
		{
			displayName: 'Winner',
			name: 'winner',
			type: 'string',
			default: '',
			placeholder: '={{ $json.winner }}',
			description: 'Variant that every unit gets from now on. If empty, the control is used.',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const experiment = item.text('experiment');
			const winner = item.optionalText('winner');
			const ended = await (await experimentStoreFor(item)).end(experiment, winner);
			return {
				json: { experiment, endedAt: new Date(ended.at).toISOString(), winner: ended.winner ?? null },
			};
		}),
};
