import type { INodeProperties } from 'n8n-workflow';

/** More for the model to keep to; each operation has an example of its own. */
export const instructionsOption = (placeholder: string): INodeProperties => ({
	displayName: 'Instructions',
	name: 'instructions',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
	placeholder,
	description: 'Further instructions for the model, such as tone, language or formats',
});
