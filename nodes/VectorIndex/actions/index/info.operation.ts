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
	fields: [...indexFields],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex }) => {
			const index = await openIndexFor(context, itemIndex);
			return { json: { ...(await index.info()) } };
		}),
};
