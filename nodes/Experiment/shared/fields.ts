import type { INodeProperties } from 'n8n-workflow';
import { pathField } from '../../shared/fields/pathField';
import { keptInField } from '../../shared/fields/storeFields';

export const experimentFields: readonly INodeProperties[] = [
	{ ...keptInField, description: 'Where the units and outcomes are stored' },
	{
		displayName: 'Experiment',
		name: 'experiment',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'answer-prompt-2026-01',
		description: 'Name of the experiment. With a new name, the units are assigned again.',
	},
];

export const unitField: INodeProperties = pathField({
	displayName: 'Unit Field',
	name: 'unitField',
	required: true,
	default: 'userId',
	description:
		'Name of the field that holds the ID of the user, session or ticket that takes part. Only a hash of it is stored.',
});
