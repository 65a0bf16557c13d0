import { optionsField } from '../../../shared/fields/optionsField';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { spaceKeyFor } from '../../../shared/runtime/spaces';
import { experimentFields } from '../../shared/fields';
import { experimentStoreFor, experimentStoreInDefaultSpace } from '../../shared/stores';

export const moveToSpace: Operation = {
	option: {
		name: 'Move to Space',
		value: 'moveToSpace',
		action: 'Move an experiment to a space',
		description:
			'Moves an experiment with its units and outcomes from the default space into the space of the credential. Stop the workflows that use it first.',
	},
	fields: [...experimentFields, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const experiment = item.text('experiment');
			const source = await experimentStoreInDefaultSpace(item);
			const { name: space } = await spaceKeyFor(item);
			const moved = await source.moveTo(await experimentStoreFor(item), experiment);
			return { json: { space, experiment, ...moved } };
		}),
};
