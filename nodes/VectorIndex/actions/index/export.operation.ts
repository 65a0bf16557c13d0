import { metadataFilter } from '../../../shared/fields/metadataFilter';
import { optionsField } from '../../../shared/fields/optionsField';
import { filterOf } from '../../../shared/runtime/searchSettings';
import { Readable } from 'node:stream';
import { exportRows } from '../../../../lib/vectorIndex';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor, openIndexFor } from '../../../shared/runtime/indexes';
import { explainFilter } from '../../../shared/runtime/filterHint';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';

export const exportOperation: Operation = {
	option: {
		name: 'Export',
		value: 'export',
		action: 'Export the rows of an index',
		description: 'Writes the rows to a file for other programs',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Format',
			name: 'format',
			type: 'options',
			default: 'jsonl',
			description: 'Format of the file',
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
			description: 'Whether to write the vectors, too. Without them the file is much smaller.',
		},
		metadataFilter,
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const { name } = await addressFor(item);
			const index = await openIndexFor(item);
			const format = item.choice<'jsonl' | 'parquet'>('format');
			const filter = filterOf(item, 'filter');
			const what = { format, vectors: item.flag('vectors'), ...(filter && { filter }) };
			await explainFilter(run, index, filter);
			const file = `${name}.${format}`;
			const type = format === 'parquet' ? 'application/vnd.apache.parquet' : 'application/jsonl';
			const data = await watched(
				run,
				item,
				{ task: 'Export', subject: name, unit: 'rows' },
				async (call) =>
					await run.context.helpers.prepareBinaryData(
						Readable.from(exportRows(index, what, call)),
						file,
						type,
					),
				signal,
			);
			return { json: { index: name, file }, binary: { data } };
		}),
};
