import type { INodeProperties } from 'n8n-workflow';

/** How tokens are counted: for the length gate, the figures and the manifest. */
export const tokenField: INodeProperties = {
	displayName: 'Token Count',
	name: 'tokens',
	type: 'options',
	default: 'estimated',
	description: 'How to find lengths in tokens',
	options: [
		{
			name: 'Counted',
			value: 'counted',
			description:
				'Counts with a WordPiece tokenizer for English. The student’s own tokenizer may count differently.',
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
	description:
		'Chat template of the student. The marks it puts around each message count towards the length of an exchange.',
	options: [
		{ name: 'ChatML (Qwen and Others)', value: 'chatml' },
		{ name: 'Gemma', value: 'gemma' },
		{ name: 'Llama 3', value: 'llama3' },
		{ name: 'Mistral', value: 'mistral' },
	],
};
