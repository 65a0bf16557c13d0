import type { INodeProperties } from 'n8n-workflow';
import { normalSource } from '../../../../lib/ingest';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { fixed, fromModel } from '../../../shared/fields/toolFields';
import { InputError } from '../../../shared/runtime/errors';
import { idsOf } from '../../../shared/runtime/ids';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { idsField, sourceNameField } from './rowChoice';
import { rowAsJson } from './rows';

const limitField: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
};

export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get rows of an index',
		description: 'Returns rows by ID, or all rows of one document',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Get By',
			name: 'getBy',
			type: 'options',
			default: 'source',
			description: 'How to select the rows',
			options: [
				{ name: 'ID', value: 'ids' },
				{ name: 'Source', value: 'source', description: 'All chunks of one document' },
			],
		},
		idsField('getBy'),
		sourceNameField('getBy'),
		limitField,
		optionsField(),
	],
	tool: {
		description:
			'Reads a document from its beginning, as a list of its parts in order. Use it when a search found only a piece of what is needed.',
		fields: [
			...indexFields,
			fixed('getBy', 'source'),
			fromModel({
				displayName: 'Source',
				name: 'source',
				key: 'source',
				description: 'Name of the document, exactly as a search returned it as source',
			}),
			{ ...limitField, default: 20 },
		],
		answer: ({ source, page, text }) => ({ source, ...(page !== undefined && { page }), text }),
	},
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const index = await openIndexFor(item);
			const limit = item.number('limit');
			if (item.choice('getBy') === 'ids') {
				const rows = await index.get(idsOf(item, 'A search'));
				return rows.slice(0, limit).map((row) => ({ json: rowAsJson(row) }));
			}
			const rows = [];
			const source = item.text('source');
			const named = { source: { in: [source, normalSource(source)] } };
			for await (const row of index.scan(named, { signal: item.signal })) {
				rows.push({ json: rowAsJson(row) });
				if (rows.length === limit) break;
			}
			if (run.tool && rows.length === 0)
				throw new InputError(
					`There is no document named "${item.text('source')}". Use the name of a source that a search returned.`,
				);
			return rows;
		}),
};
