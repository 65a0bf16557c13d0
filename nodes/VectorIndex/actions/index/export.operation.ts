import { Readable } from 'node:stream';
import { exportRows, type Filter } from '../../../../lib/vectorIndex';
import { objectParameter } from '../../../shared/runtime/values';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor, openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';

export const exportOperation: Operation = {
	option: {
		name: 'Export',
		value: 'export',
		action: 'Export the rows of an index',
		description: 'The rows as a file for other programs',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Format',
			name: 'format',
			type: 'options',
			default: 'jsonl',
			description: 'The kind of file',
			options: [
				{ name: 'JSON Lines', value: 'jsonl' },
				{ name: 'Parquet', value: 'parquet' },
			],
		},
		{
			displayName: 'Include Vectors',
			name: 'vectors',
			type: 'boolean',
			default: true,
			description: 'Whether the vectors are written too; without them the file is far smaller',
		},
		{
			displayName: 'Filter',
			name: 'filter',
			type: 'json',
			default: '{}',
			placeholder: '{ "department": "sales" }',
			description: 'Only rows whose metadata fits; empty exports all',
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const { name } = await addressFor(context, itemIndex);
			const index = await openIndexFor(context, itemIndex);
			const format = context.getNodeParameter('format', itemIndex) === 'parquet' ? 'parquet' : 'jsonl';
			const filter = objectParameter(context, 'filter', itemIndex, 'The filter') as Filter;
			const bytes = exportRows(
				index,
				{
					format,
					vectors: context.getNodeParameter('vectors', itemIndex) as boolean,
					...(Object.keys(filter).length > 0 && { filter }),
				},
				{ signal, onProgress: progressFor(context) },
			);
			const file = `${name}.${format}`;
			const type = format === 'parquet' ? 'application/vnd.apache.parquet' : 'application/jsonl';
			const data = await context.helpers.prepareBinaryData(Readable.from(bytes), file, type);
			return { json: { index: name, file }, binary: { data } };
		}),
};
