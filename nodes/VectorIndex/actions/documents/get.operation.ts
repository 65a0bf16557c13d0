import { normalSource } from '../../../../lib/ingest';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { idsField, idsOf, sourceNameField } from './rowChoice';
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
		idsField('getBy'),
		sourceNameField('getBy'),
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const index = await openIndexFor(item);
			const limit = item.number('limit');
			if (item.choice('getBy') === 'ids') {
				const rows = await index.get(idsOf(item));
				return rows.slice(0, limit).map((row) => ({ json: rowAsJson(row) }));
			}
			const rows = [];
			const source = item.text('source');
			const named = { source: { in: [source, normalSource(source)] } };
			for await (const row of index.scan(named, { signal: item.signal })) {
				rows.push({ json: rowAsJson(row) });
				if (rows.length === limit) break;
			}
			return rows;
		}),
};
