import { confirmField } from '../../../shared/fields/confirmField';
import { optionsField } from '../../../shared/fields/optionsField';
import { dropIndex, listVersions } from '../../../../lib/vectorIndex';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor } from '../../../shared/runtime/indexes';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const cleanUp: Operation = {
	option: {
		name: 'Clean Up',
		value: 'cleanUp',
		action: 'Drop old versions of an index',
		description: 'Deletes old versions that were kept after migrations. The live version is not deleted.',
	},
	fields: [...indexFields, confirmField, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const address = await addressFor(item);
			if (item.optionalText('confirm') !== address.name) {
				throw new InputError(
					`Nothing was deleted: to confirm, type the name of the index, "${address.name}".`,
				);
			}
			const old = (await listVersions(address)).filter(({ live }) => !live);
			for (const { version } of old) await dropIndex({ ...address, version }, address.name);
			return { json: { index: address.name, droppedVersions: old.map(({ version }) => version) } };
		}),
};
