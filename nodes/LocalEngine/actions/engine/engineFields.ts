import type { INodeProperties } from 'n8n-workflow';

/** Which engine of the credential an operation is about. */
export const engineField: INodeProperties = {
	displayName: 'Engine Name or ID',
	name: 'engine',
	type: 'options',
	typeOptions: { loadOptionsMethod: 'loadEngines' },
	default: '',
	description:
		'Engine of the credential to use. Leave empty for the first one. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

export const modelNameField: INodeProperties = {
	displayName: 'Model Name',
	name: 'modelName',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'qwen3:8b',
	description: 'Name of the model on the engine',
};
