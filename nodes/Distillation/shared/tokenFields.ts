import type { INodeProperties } from 'n8n-workflow';

/** How tokens are counted: for the length gate, the figures and the manifest. */
export const tokenField: INodeProperties = {
	displayName: 'Tokens Are',
	name: 'tokens',
	type: 'options',
	default: 'estimated',
	description: 'How lengths in tokens are found',
	options: [
		{
			name: 'Counted',
			value: 'counted',
			description: 'By a WordPiece tokenizer for English, whatever the student’s own',
		},
		{
			name: 'Estimated',
			value: 'estimated',
			description: 'One token per 4 bytes of text (UTF-8). Takes no time.',
		},
	],
};

export const templateField: INodeProperties = {
	displayName: 'Chat Template',
	name: 'template',
	type: 'options',
	default: 'chatml',
	description: 'The student’s marks around each turn: they count into the length of an exchange',
	options: [
		{ name: 'ChatML (Qwen and Others)', value: 'chatml' },
		{ name: 'Gemma', value: 'gemma' },
		{ name: 'Llama 3', value: 'llama3' },
		{ name: 'Mistral', value: 'mistral' },
	],
};
