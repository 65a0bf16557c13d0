import type { INodeProperties } from 'n8n-workflow';

/** Which records an operation takes. */
export const filterField: INodeProperties = {
	displayName: 'Only Records',
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
			description: 'Made before this time',
		},
		{
			displayName: 'From Workflow',
			name: 'workflow',
			type: 'string',
			default: '',
			description: 'ID of the workflow that made them',
		},
		{
			displayName: 'Of Model',
			name: 'model',
			type: 'string',
			default: '',
			description: 'Name of the model that answered',
		},
		{
			displayName: 'Since',
			name: 'since',
			type: 'dateTime',
			default: '',
			description: 'Made at this time or later',
		},
	],
};
