import { deleteDocuments, deletePoints } from '../../../../lib/ingest';
import { indexFields } from '../../../shared/fields/indexFields';
import { metadataFilter } from '../../../shared/fields/metadataFilter';
import { optionsField } from '../../../shared/fields/optionsField';
import { InputError } from '../../../shared/runtime/errors';
import { idsOf } from '../../../shared/runtime/ids';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { explainFilter } from '../../../shared/runtime/filterHint';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { filterOf } from '../../../shared/runtime/searchSettings';
import { idsField, sourceNameField } from './rowChoice';

export const deleteRows: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete rows from an index',
		description: 'Deletes a document, single rows, or all rows that match a filter',
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
				{ name: 'Filter', value: 'filter', description: 'All rows whose metadata matches' },
				{ name: 'ID', value: 'ids' },
				{ name: 'Source', value: 'source', description: 'A whole document' },
			],
		},
		{
			...metadataFilter,
			displayOptions: { show: { deleteBy: ['filter'] } },
			required: true,
			description: 'All rows that match are deleted. An empty filter is refused.',
		},
		idsField('deleteBy'),
		sourceNameField('deleteBy'),
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const index = await openIndexFor(item);
			switch (item.choice('deleteBy')) {
				case 'ids':
					return { json: { deleted: await deletePoints(index, { ids: idsOf(item, 'A search') }) } };
				case 'filter': {
					const filter = filterOf(item, 'filter');
					if (filter === undefined)
						throw new InputError('"Filter" is empty, so nothing was deleted. Add a condition, or use Drop.');
					const deleted = await deletePoints(index, { filter });
					if (deleted === 0) await explainFilter(run, index, filter);
					return { json: { deleted } };
				}
				default: {
					const source = item.text('source');
					return { json: { source, deleted: await deleteDocuments(index, [source]) } };
				}
			}
		}),
};
