import type { INodeProperties } from 'n8n-workflow';

export const embeddingField: INodeProperties = {
	displayName: 'Embedding Model',
	name: 'embedding',
	type: 'options',
	default: 'builtinMultilingual',
	description: 'Model that turns text into vectors',
	options: [
		{
			name: 'Built-In, English',
			value: 'builtinEnglish',
			description:
				'English only. Twice as fast as Multilingual, but finds less. Uses about 200 MB of memory per core while it works.',
		},
		{
			name: 'Built-In, Fast',
			value: 'builtinFast',
			description:
				'English only. Thousands of chunks per second with a few MB of memory. The least precise model: use it together with keyword search.',
		},
		{
			name: 'Built-In, Multilingual',
			value: 'builtinMultilingual',
			description:
				'About 100 languages, and the best built-in model for English, too. 10,000 chunks of 600 characters take about 20 minutes on one processor core; all cores are used. Uses about 200 MB of memory per core while it works.',
		},
		{
			name: 'From the Engine',
			value: 'engine',
			description: 'Embedding model of the engine in the credential',
		},
	],
};

/** For a vector store: the index may also be filled by whatever embeddings node is connected. */
export const connectedEmbedding = {
	name: 'From the Connected Node',
	value: 'connected',
	description: 'The embeddings node that is connected as Embedding, of n8n or of any package',
} as const;
