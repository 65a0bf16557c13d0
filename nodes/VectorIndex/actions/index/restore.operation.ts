import { restoreIndex } from '../../../../lib/vectorIndex';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';

export const restore: Operation = {
	option: {
		name: 'Restore',
		value: 'restore',
		action: 'Restore an index from a snapshot',
		description: 'Makes an index of a snapshot file',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Input Binary Field',
			name: 'binaryField',
			type: 'string',
			required: true,
			default: 'data',
			hint: 'The name of the input binary field containing the file to be restored',
			description: 'Field that holds the snapshot file',
		},
		{
			displayName: 'Replace',
			name: 'replace',
			type: 'boolean',
			default: false,
			description:
				'Whether an index of that name is replaced: it is rebuilt beside it and put in its place when complete; the old one is kept as a version to go back to',
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const field = context.getNodeParameter('binaryField', itemIndex) as string;
			const { id } = context.helpers.assertBinaryData(itemIndex, field);
			const bytes = id
				? await context.helpers.getBinaryStream(id)
				: [await context.helpers.getBinaryDataBuffer(itemIndex, field)];
			const index = await restoreIndex(
				await addressFor(context, itemIndex),
				bytes,
				{ replace: context.getNodeParameter('replace', itemIndex) as boolean },
				{ signal, onProgress: progressFor(context) },
			);
			return { json: { ...(await index.info()) } };
		}),
};
