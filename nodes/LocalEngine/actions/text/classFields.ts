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
	description: 'What the text can be',
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
					description: 'What comes out as "label"',
				},
				{
					displayName: 'Description',
					name: 'description',
					type: 'string',
					default: '',
					placeholder: 'Anything about bills, payments, reminders',
					description: 'Tells the model what belongs here',
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
	description: 'Whether the model may say that no class fits; "label" is then empty',
};

export const classOutputsField: INodeProperties = {
	displayName: 'Outputs',
	name: 'classOutputs',
	type: 'options',
	default: 'one',
	description: 'Where the items leave the node',
	options: [
		{ name: 'One', value: 'one', description: 'All items, with the class in "label"' },
		{
			name: 'One per Class',
			value: 'perClass',
			description: 'And one for items without a class',
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
		description: 'Below this "label" is empty. Only on engines that give token probabilities.',
	},
];
