import { moveIndex } from '../../../../lib/vectorIndex';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { addressFor, addressInDefaultSpace } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { spaceKeyFor } from '../../../shared/runtime/spaces';

export const moveIndexOperation: Operation = {
	option: {
		name: 'Move Index to Space',
		value: 'moveIndex',
		action: 'Move an index to a space',
		description:
			'Moves an index of the default space into the space of the credential. Stop the workflows that write to the index first.',
	},
	fields: [
		...indexFields.map((field) =>
			field.name === 'index'
				? {
						...field,
						modes: field.modes?.filter(({ name }) => name === 'name'),
						description: 'Index of the default space to move. It keeps its name.',
					}
				: field,
		),
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const to = await addressFor(item);
			const from = await addressInDefaultSpace(item);
			const { name: space } = await spaceKeyFor(item);
			const index = await watched(
				run,
				item,
				{ task: 'Move Index to Space', subject: to.name, unit: 'rows' },
				async (call) => await moveIndex(from, to, call),
				item.signal,
			);
			return { json: { space, ...(await index.info()) } };
		}),
};
