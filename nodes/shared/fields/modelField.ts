import type { INodeProperties } from 'n8n-workflow';

/** Which model of the engine to use; empty leaves it to the credential. */
export const modelField: INodeProperties = {
	displayName: 'Model',
	name: 'model',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description: 'Empty: the model named in the credential, else the one the engine has loaded',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'The engine’s own choice',
			typeOptions: { searchListMethod: 'searchModels', searchable: true },
		},
		{ displayName: 'By Name', name: 'name', type: 'string', placeholder: 'qwen3:8b' },
	],
};
