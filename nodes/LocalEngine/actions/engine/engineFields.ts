import type { INodeProperties } from 'n8n-workflow';

/** Which engine of the credential an operation is about. */
export const engineField: INodeProperties = {
	displayName: 'Engine Name or ID',
	name: 'engine',
	type: 'options',
	typeOptions: { loadOptionsMethod: 'loadEngines' },
	default: '',
	description:
		'The engine of the credential to work with; empty means the first. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

export const modelNameField: INodeProperties = {
	displayName: 'Model Name',
	name: 'modelName',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'qwen3:8b',
	description: 'The model as the engine calls it',
};
