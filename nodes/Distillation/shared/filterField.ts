import type { INodeProperties } from 'n8n-workflow';

/** Which records an operation takes. */
export const filterField: INodeProperties = {
	displayName: 'Filters',
	name: 'filter',
	type: 'collection',
	placeholder: 'Add Condition',
	default: {},
	description:
		'Conditions that a record has to meet, all of them. Without a condition, every record is used.',
	options: [
		{
			displayName: 'Before',
			name: 'until',
			type: 'dateTime',
			default: '',
			description: 'Only records made before this time',
		},
		{
			displayName: 'From Workflow',
			name: 'workflow',
			type: 'string',
			default: '',
			description: 'Only records made by the workflow with this ID',
		},
		{
			displayName: 'Of Model',
			name: 'model',
			type: 'string',
			default: '',
			description: 'Only records answered by the model with this name',
		},
		{
			displayName: 'Since',
			name: 'since',
			type: 'dateTime',
			default: '',
			description: 'Only records made at this time or later',
		},
	],
};
