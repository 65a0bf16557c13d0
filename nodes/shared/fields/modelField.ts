import type { INodeProperties } from 'n8n-workflow';

/** Which model of the engine to use; empty leaves it to the credential. */
export const modelField: INodeProperties = {
	displayName: 'Model',
	name: 'model',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description:
		'Model to use. Leave empty to use the model in the credential, or the one that the engine has loaded.',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Default model',
			typeOptions: { searchListMethod: 'searchModels', searchable: true },
		},
		{ displayName: 'By Name', name: 'name', type: 'string', placeholder: 'qwen3:8b' },
	],
};
