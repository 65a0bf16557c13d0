import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import type { ItemResult } from '../../../shared/runtime/outputs';
import { filledRecordStoreFor } from '../../../shared/runtime/recordStores';
import { filterOf } from '../../shared/filter';
import { filterField } from '../../shared/filterField';
import { recordRow } from '../../shared/recordRow';

export const listRecords: Operation = {
	option: {
		name: 'List',
		value: 'list',
		action: 'List records',
		description: 'Returns the newest records, one item for each: question, answer, model, rating',
	},
	fields: [
		...storeFields,
		filterField,
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
			const limit = item.number('limit');
			const store = await filledRecordStoreFor(item);
			const rows: ItemResult[] = [];
			const call = { signal: item.signal, newestFirst: true };
			for await (const record of store.scan(filterOf(item), call)) {
				rows.push({ json: recordRow(record) });
				if (rows.length === limit) break;
			}
			if (rows.length === 0) run.hint('No record matches the conditions.');
			return rows;
		}),
};
