import { indexFields } from '../../../shared/indexFields';
import { openIndexFor } from '../../../shared/indexes';
import { forEachItem } from '../../../shared/items';
import type { Operation } from '../../../shared/operations';

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
