import type { IDataObject } from 'n8n-workflow';
import { jsonCopy } from '../../../../lib/support';
import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { filledRecordStoreFor } from '../../../shared/runtime/recordStores';
import { recordRow } from '../../shared/recordRow';

export const getRecord: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get a record',
		description: 'Returns one record with all its messages, answers and feedback',
	},
	fields: [
		...storeFields,
		{
			displayName: 'Record ID',
			name: 'recordId',
			type: 'string',
			default: '={{ $json.id }}',
			required: true,
			description: 'ID of the record, as Add, List and Build return it',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const store = await filledRecordStoreFor(item);
			const id = item.text('recordId');
			const record = await store.get(id);
			if (record === undefined) {
				throw new InputError(
					`The collection "${item.text('collection')}" has no record with the ID "${id}". List returns the IDs of its records.`,
				);
			}
			return { json: jsonCopy({ ...recordRow(record), ...record }) as IDataObject };
		}),
};
