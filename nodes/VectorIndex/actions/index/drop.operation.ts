import { confirmField } from '../../../shared/fields/confirmField';
import { optionsField } from '../../../shared/fields/optionsField';
import { dropIndex } from '../../../../lib/vectorIndex';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const drop: Operation = {
	option: {
		name: 'Drop',
		value: 'drop',
		action: 'Drop an index',
		description: 'Deletes an index with all its contents. This cannot be undone.',
	},
	fields: [...indexFields, confirmField, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const address = await addressFor(item);
			await dropIndex(address, item.optionalText('confirm') ?? '');
			return { json: { index: address.name, dropped: true } };
		}),
};
