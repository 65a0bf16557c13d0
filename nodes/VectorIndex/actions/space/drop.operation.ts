import { dropSpace } from '../../../../lib/spaces';
import { confirmField } from '../../../shared/fields/confirmField';
import { optionsField } from '../../../shared/fields/optionsField';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { dataDirectory } from '../../../shared/runtime/dataDirectory';
import { spaceKeyFor } from '../../../shared/runtime/spaces';

export const dropOperation: Operation = {
	option: {
		name: 'Drop',
		value: 'drop',
		action: 'Drop a space',
		description:
			'Deletes the space with its indexes on this machine, records, data sets and experiments. This cannot be undone. Data on Qdrant or Postgres is not deleted: drop it first.',
	},
	fields: [
		{
			...confirmField,
			placeholder: 'accounting',
			description: 'Enter the name of the space again. With any other text, nothing is deleted.',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const confirm = item.optionalText('confirm') ?? '';
			const given = await spaceKeyFor(item);
			await dropSpace(dataDirectory(), given, confirm);
			return { json: { space: given.name, dropped: true } };
		}),
};
