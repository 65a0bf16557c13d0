import type { Operation } from '../../../shared/runtime/operations';
import { InputError } from '../../../shared/runtime/errors';
import { listOf } from '../../../shared/runtime/values';
import { indexFields } from '../../../shared/fields/indexFields';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import { rowAsJson } from './rows';

export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get rows of an index',
		description: 'Reads rows by ID or all rows of a document',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Get By',
			name: 'getBy',
			type: 'options',
			default: 'source',
			description: 'How the rows are named',
			options: [
				{ name: 'ID', value: 'ids' },
				{ name: 'Source', value: 'source', description: 'All chunks of one document' },
			],
		},
		{
			displayName: 'IDs',
			name: 'ids',
			type: 'string',
			displayOptions: { show: { getBy: ['ids'] } },
			required: true,
			default: '',
			description: 'IDs of the rows, separated by commas; a search returns them as "ID"',
		},
		{
			displayName: 'Source',
			name: 'source',
			type: 'string',
			displayOptions: { show: { getBy: ['source'] } },
			required: true,
			default: '',
			placeholder: 'handbook.md',
			description: 'Name of the document as it was stored',
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const index = await openIndexFor(context, itemIndex);
			const limit = context.getNodeParameter('limit', itemIndex);
			if (context.getNodeParameter('getBy', itemIndex) === 'ids') {
				const rows = await index.get(idsOf(context.getNodeParameter('ids', itemIndex)));
				return rows.slice(0, limit).map((row) => ({ json: rowAsJson(row) }));
			}
			const source = context.getNodeParameter('source', itemIndex) as string;
			if (source === '') throw new InputError('Source is empty. Name the document whose rows you want.');
			const rows = [];
			for await (const row of index.scan({ source }, { signal })) {
				rows.push({ json: rowAsJson(row) });
				if (rows.length === limit) break;
			}
			return rows;
		}),
};

/** IDs as typed (separated by commas) or as a list an expression returned. */
export function idsOf(value: unknown): string[] {
	const ids = listOf(value);
	if (ids.length === 0) throw new InputError('No ID given. A search returns them as "id".');
	return ids;
}
