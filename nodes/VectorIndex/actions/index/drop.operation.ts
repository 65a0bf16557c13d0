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
		description: 'Deletes an index with everything in it, for good',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Confirm',
			name: 'confirm',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'knowledge-base',
			description: 'Type the name of the index again. Anything else deletes nothing.',
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex }) => {
			const address = await addressFor(context, itemIndex);
			await dropIndex(address, context.getNodeParameter('confirm', itemIndex) as string);
			return { json: { index: address.name, dropped: true } };
		}),
};
