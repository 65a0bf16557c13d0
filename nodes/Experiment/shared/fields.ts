import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { describeType, valueAt } from '../../shared/runtime/values';
import { InputError } from '../../shared/runtime/errors';
import { keptInField } from '../../shared/fields/storeFields';

export const experimentFields: readonly INodeProperties[] = [
	{ ...keptInField, description: 'Where the units and outcomes are' },
	{
		displayName: 'Experiment',
		name: 'experiment',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'answer-prompt-2026-01',
		description: 'Name of the experiment; another name draws the units anew',
	},
];

export const unitField: INodeProperties = {
	displayName: 'Unit Field',
	name: 'unitField',
	type: 'string',
	required: true,
	default: 'userId',
	description:
		'Field of the item that names who or what takes part: a user, a session, a ticket. Only a hash of it is kept.',
};

export function experimentOf(context: IExecuteFunctions, itemIndex: number): string {
	const name: unknown = context.getNodeParameter('experiment', itemIndex);
	if (typeof name !== 'string' || name.trim() === '') throw new InputError('Give the experiment a name.');
	return name.trim();
}

/** The unit of an item; numbers count as text. */
export function unitOf(context: IExecuteFunctions, json: IDataObject, itemIndex: number): string {
	const field = context.getNodeParameter('unitField', itemIndex) as string;
	const unit = valueAt(json, field);
	if (typeof unit === 'number') return String(unit);
	if (typeof unit === 'string' && unit.trim() !== '') return unit.trim();
	throw new InputError(
		`The unit is missing: the field "${field}" holds ${unit === undefined ? 'nothing' : unit === '' ? 'an empty text' : describeType(unit)}. Send it, or name another field in the node.`,
	);
}
