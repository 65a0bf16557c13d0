import { optionsField } from '../../../shared/fields/optionsField';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields } from '../../shared/fields';
import { experimentStoreFor } from '../../shared/stores';

export const remove: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete an experiment',
		description:
			'Deletes an experiment with its units and outcomes. This cannot be undone. The name can be used again.',
	},
	fields: [...experimentFields, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const experiment = item.text('experiment');
			const gone = await (await experimentStoreFor(item)).delete(experiment);
			return { json: { experiment, deleted: true, ...gone } };
		}),
};
