import type { INodeProperties } from 'n8n-workflow';

export const contextField: INodeProperties = {
	displayName: 'Context',
	name: 'context',
	type: 'options',
	default: 'none',
	description:
		'What is put before each chunk for embedding and keyword search, in a field of its own; text and offsets stay as they are',
	options: [
		{ name: 'Headings Above It', value: 'headings', description: 'Like "Handbook > Leave > Sickness"' },
		{ name: 'None', value: 'none' },
		{
			name: 'Title and Summary',
			value: 'title',
			description: 'Title of the document; with a credential, a model adds a summary',
		},
		{
			name: 'Written by a Model',
			value: 'model',
			description:
				'One or two sentences that place the chunk in its document (contextual retrieval); one call a chunk',
		},
	],
};
