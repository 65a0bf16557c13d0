import { optionsField } from '../../../shared/fields/optionsField';
import { rollBack as rollBackIndex } from '../../../../lib/ingest';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const rollBack: Operation = {
	option: {
		name: 'Roll Back',
		value: 'rollBack',
		action: 'Roll back a migration',
		description:
			'Switches back to the version before the last migration. Documents added since then are not in it.',
	},
	fields: [...indexFields, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const address = await addressFor(item);
			const { version } = await rollBackIndex(address);
			return { json: { index: address.name, version } };
		}),
};
