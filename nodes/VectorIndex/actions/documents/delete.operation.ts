import type { Filter } from '../../../../lib/vectorIndex';
import { deleteDocuments, deletePoints } from '../../../../lib/ingest';
import { InputError } from '../../../shared/runtime/errors';
import { objectParameter } from '../../../shared/runtime/values';
import { indexFields } from '../../../shared/fields/indexFields';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { idsOf } from './get.operation';

export const deleteRows: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete rows from an index',
		description: 'Takes a document, single rows, or all rows that fit a filter out of the index',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Delete By',
			name: 'deleteBy',
			type: 'options',
			default: 'source',
			description: 'Which rows to delete',
			options: [
				{ name: 'Filter', value: 'filter', description: 'All rows whose metadata fits' },
				{ name: 'ID', value: 'ids' },
				{ name: 'Source', value: 'source', description: 'A whole document' },
			],
		},
		{
			displayName: 'Filter',
			name: 'filter',
			type: 'json',
			displayOptions: { show: { deleteBy: ['filter'] } },
			required: true,
			default: '{}',
			placeholder: '{ "department": "sales" }',
			description: 'All rows that fit are deleted. An empty filter is refused.',
		},
		{
			displayName: 'IDs',
			name: 'ids',
			type: 'string',
			displayOptions: { show: { deleteBy: ['ids'] } },
			required: true,
			default: '',
			description: 'IDs of the rows, separated by commas; a search returns them as "ID"',
		},
		{
			displayName: 'Source',
			name: 'source',
			type: 'string',
			displayOptions: { show: { deleteBy: ['source'] } },
			required: true,
			default: '',
			placeholder: 'handbook.md',
			description: 'Name of the document as it was stored',
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex }) => {
			const index = await openIndexFor(context, itemIndex);
			switch (context.getNodeParameter('deleteBy', itemIndex)) {
				case 'ids':
					return {
						json: {
							deleted: await deletePoints(index, { ids: idsOf(context.getNodeParameter('ids', itemIndex)) }),
						},
					};
				case 'filter': {
					const filter = objectParameter(context, 'filter', itemIndex, 'The filter') as Filter;
					return { json: { deleted: await deletePoints(index, { filter }) } };
				}
				default: {
					const source = context.getNodeParameter('source', itemIndex) as string;
					if (source === '') throw new InputError('Source is empty. Name the document to delete.');
					return { json: { source, deleted: await deleteDocuments(index, [source]) } };
				}
			}
		}),
};
