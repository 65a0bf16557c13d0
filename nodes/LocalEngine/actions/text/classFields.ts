import type { INodeProperties } from 'n8n-workflow';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { instructionsOption } from './instructionsOption';

export const classesField: INodeProperties = {
	displayName: 'Classes',
	name: 'classes',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	required: true,
	default: {},
	placeholder: 'Add Class',
	description: 'Classes to choose from',
	options: [
		{
			displayName: 'Class',
			name: 'values',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'invoice question',
					description: 'Name of the class. It is returned as "label".',
				},
				{
					displayName: 'Description',
					name: 'description',
					type: 'string',
					default: '',
					placeholder: 'Anything about bills, payments, reminders',
					description: 'Tells the model which texts belong to this class',
				},
			],
		},
	],
};

export const allowNoneField: INodeProperties = {
	displayName: 'Allow "None of These"',
	name: 'allowNone',
	type: 'boolean',
	default: true,
	description: 'Whether the model may answer that no class matches. "label" is then empty.',
};

export const classOutputsField: INodeProperties = {
	displayName: 'Outputs',
	name: 'classOutputs',
	type: 'options',
	default: 'one',
	description: 'How the items are output',
	options: [
		{ name: 'One', value: 'one', description: 'One output for all items, with the class in "label"' },
		{
			name: 'One per Class',
			value: 'perClass',
			description: 'One output per class, and one for items without a class',
		},
	],
};

export const classifyOptions: readonly INodeProperties[] = [
	...chatOptions.filter(
		({ name }) => name === 'allowRemote' || name === 'timeoutSeconds' || name === 'firstTokenSeconds',
	),
	instructionsOption('These are e-mails to our support team.'),
	{
		displayName: 'Minimum Confidence',
		name: 'minConfidence',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.7,
		description:
			'Minimum confidence, from 0 to 1. Below it, "label" is empty. It needs an engine that returns token probabilities.',
	},
];
