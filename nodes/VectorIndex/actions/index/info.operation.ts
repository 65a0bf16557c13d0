import { packNotice } from '../../../../lib/support';
import { optionsField } from '../../../shared/fields/optionsField';
import { indexFields } from '../../../shared/fields/indexFields';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const info: Operation = {
	option: {
		name: 'Info',
		value: 'info',
		action: 'Get information about an index',
		description: 'Rows, documents, size, embedding model and settings',
	},
	fields: [...indexFields, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const index = await openIndexFor(item);
			const notice = packNotice();
			return { json: { ...(await index.info()), ...(notice !== undefined && { notice }) } };
		}),
};
