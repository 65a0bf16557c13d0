import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields, experimentOf } from '../../shared/fields';
import { experimentStoreFor } from '../../shared/stores';

export const remove: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete an experiment',
		description: 'Takes its units and outcomes away for good; the name can be used again',
	},
	fields: experimentFields,
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex }) => {
			const experiment = experimentOf(context, itemIndex);
			const gone = await (await experimentStoreFor(context, itemIndex)).delete(experiment);
			return { json: { experiment, deleted: true, ...gone } };
		}),
};
