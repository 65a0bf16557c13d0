import type { INodeProperties } from 'n8n-workflow';
import { InputError } from '../../../shared/runtime/errors';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { isNothing, toText, valueAt } from '../../../shared/runtime/values';

/** @param by the field that chooses how rows are named */
export const idsField = (by: string): INodeProperties => ({
	displayName: 'IDs',
	name: 'ids',
	type: 'string',
	displayOptions: { show: { [by]: ['ids'] } },
	required: true,
	default: '',
	description: 'IDs of the rows, separated by commas, or a list. Search returns the ID of each row.',
});

export const sourceNameField = (by: string): INodeProperties => ({
	displayName: 'Source',
	name: 'source',
	type: 'string',
	displayOptions: { show: { [by]: ['source'] } },
	required: true,
	default: '',
	placeholder: 'handbook.md',
	description: 'Name of the document as it was stored',
});

/** IDs as typed, as a list, or as a list of rows with an "id" each, which is what a search returns. */
export function idsOf(item: NodeItem): string[] {
	const ids = item.entries('ids').map((entry, position) => {
		const id = typeof entry === 'object' ? valueAt(entry, 'id') : entry;
		if (!isNothing(id)) return toText(id, 'IDs').trim();
		throw new InputError(`Entry ${position + 1} of "IDs" has no "id". A search returns rows with one.`);
	});
	if (ids.length > 0) return ids;
	throw new InputError('"IDs" is empty. Enter the IDs of the rows; a search returns them as "id".');
}
