import type { IDataObject } from 'n8n-workflow';
import { listDocuments, type ListedDocument } from '../../../../lib/ingest';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import type { ItemResult } from '../../../shared/runtime/outputs';

export const listDocumentsOperation: Operation = {
	option: {
		name: 'List Documents',
		value: 'list',
		action: 'List the documents of an index',
		description: 'Lists each document that was synced, with its type, chunks, state, warnings and last sync',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Return All',
			name: 'returnAll',
			type: 'boolean',
			default: true,
			description: 'Whether to return all results or only up to a given limit',
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
			displayOptions: { show: { returnAll: [false] } },
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const index = await openIndexFor(item);
			const limit = item.flag('returnAll') ? Infinity : item.number('limit');
			const found: ItemResult[] = [];
			for await (const document of listDocuments(index, item.signal)) {
				if (found.length >= limit) break;
				found.push({ json: jsonOf(document) });
			}
			return found;
		}),
};

function jsonOf({ warnings, metadata, ...document }: ListedDocument): IDataObject {
	return {
		...document,
		warnings: [...warnings],
		...(metadata && { metadata: { ...metadata } }),
	};
}
