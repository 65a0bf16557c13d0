import { optionsField } from '../../../shared/fields/optionsField';
import { binaryField } from '../../../shared/fields/binaryField';
import { fileBytes } from '../../../shared/runtime/files';
import { restoreIndex } from '../../../../lib/vectorIndex';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';

export const restore: Operation = {
	option: {
		name: 'Restore',
		value: 'restore',
		action: 'Restore an index from a snapshot',
		description: 'Creates an index from a snapshot file',
	},
	fields: [
		...indexFields,
		binaryField('Name of the input field that holds the snapshot file'),
		{
			displayName: 'Replace',
			name: 'replace',
			type: 'boolean',
			default: false,
			description:
				'Whether to replace an existing index with this name. The existing version is used until the new one is complete, and is then kept for Roll Back.',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const bytes = fileBytes(run.context, item, item.text('binaryField'));
			const address = await addressFor(item);
			const options = { replace: item.flag('replace') };
			const index = await watched(
				run,
				item,
				{ task: 'Restore', subject: address.name, unit: 'rows' },
				async (call) => await restoreIndex(address, bytes, options, call),
				signal,
			);
			return { json: { ...(await index.info()) } };
		}),
};
