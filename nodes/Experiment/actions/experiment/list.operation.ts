import { optionsField } from '../../../shared/fields/optionsField';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields } from '../../shared/fields';
import { experimentStoreFor } from '../../shared/stores';

export const list: Operation = {
	option: {
		name: 'List',
		value: 'list',
		action: 'List experiments',
		description: 'Returns one item per experiment, with its numbers of units and outcomes',
	},
	fields: [...experimentFields.filter(({ name }) => name !== 'experiment'), optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) =>
			(await (await experimentStoreFor(item)).list()).map(
				({ experiment, units, outcomes, startedAt, ended }) => ({
					json: {
						experiment,
						units,
						outcomes,
						startedAt: new Date(startedAt).toISOString(),
						running: ended === undefined,
						...(ended && { endedAt: new Date(ended.at).toISOString(), winner: ended.winner ?? null }),
					},
				}),
			),
		),
};
