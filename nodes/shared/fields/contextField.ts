import type { INodeProperties } from 'n8n-workflow';

export const contextField: INodeProperties = {
	displayName: 'Context',
	name: 'context',
	type: 'options',
	default: 'none',
	description:
		'What to add in front of each chunk for embedding and keyword search. It is output in a separate field; the text of the chunk does not change.',
	options: [
		{
			name: 'Headings Above It',
			value: 'headings',
			description: 'For example "Handbook > Leave > Sickness"',
		},
		{ name: 'None', value: 'none' },
		{
			name: 'Title and Summary',
			value: 'title',
			description: 'Title of the document. With a credential, a model adds a summary.',
		},
		{
			name: 'Written by a Model',
			value: 'model',
			description:
				'One or two sentences that say where the chunk belongs in its document (contextual retrieval). Takes one call to the engine per chunk.',
		},
	],
};
