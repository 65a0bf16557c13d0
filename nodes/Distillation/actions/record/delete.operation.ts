import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { InputError } from '../../../shared/runtime/errors';
import { idsOf } from '../../../shared/runtime/ids';
import { forEachItem } from '../../../shared/runtime/items';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { filledRecordStoreFor } from '../../../shared/runtime/recordStores';
import type { DeleteChoice } from '../../../../lib/distillation';
import { filterOf } from '../../shared/filter';
import { filterField } from '../../shared/filterField';

export const deleteRecords: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete records',
		description: 'Deletes single records, or all that match conditions, together with their feedback',
	},
	fields: [
		...storeFields,
		{
			displayName: 'Delete By',
			name: 'deleteBy',
			type: 'options',
			default: 'ids',
			description: 'Which records to delete',
			options: [
				{ name: 'Conditions', value: 'filter', description: 'All records for which all conditions hold' },
				{ name: 'ID', value: 'ids' },
			],
		},
		{
			displayName: 'IDs',
			name: 'ids',
			type: 'string',
			displayOptions: { show: { deleteBy: ['ids'] } },
			required: true,
			default: '={{ $json.id }}',
			description:
				'IDs of the records, separated by commas, or a list. Add, List and Build return the ID of each record.',
		},
		{
			...filterField,
			displayOptions: { show: { deleteBy: ['filter'] } },
			required: true,
			description: 'Records for which all conditions hold are deleted. Without a condition, nothing is.',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const which = choiceOf(item);
			const store = await filledRecordStoreFor(item);
			const deleted = await store.delete(which, { signal: item.signal });
			if (deleted === 0) run.hint('No record was deleted: none matches. Check the IDs or the conditions.');
			return { json: { deleted } };
		}),
};

function choiceOf(item: NodeItem): DeleteChoice {
	if (item.choice('deleteBy') === 'ids') return { ids: idsOf(item, 'List') };
	const filter = filterOf(item);
	if (Object.keys(filter).length > 0) return { filter };
	throw new InputError(
		`"${item.label('filter')}" has no condition, so nothing was deleted. Add a condition.`,
	);
}
