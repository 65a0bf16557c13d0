import type { INodeProperties } from 'n8n-workflow';

export const embeddingField: INodeProperties = {
	displayName: 'Embedding Model',
	name: 'embedding',
	type: 'options',
	default: 'builtinMultilingual',
	description: 'What turns text into vectors',
	options: [
		{
			name: 'Built-In, English',
			value: 'builtinEnglish',
			description:
				'English only. Finds less than Multilingual on running text, but embeds twice as fast. About 400 MB of memory per core while it works.',
		},
		{
			name: 'Built-In, Fast',
			value: 'builtinFast',
			description:
				'English only. Thousands of chunks per second in a few MB. Finds least by meaning, so keep keyword search beside it.',
		},
		{
			name: 'Built-In, Multilingual',
			value: 'builtinMultilingual',
			description:
				'About 100 languages, and the best choice for English too, with nothing to install. 10,000 chunks of 600 characters take about 25 minutes on one processor core; all cores are used. About 400 MB of memory per core while it works.',
		},
		{
			name: 'From the Engine',
			value: 'engine',
			description: 'The embedding model of the engine in the credential, on whatever hardware it has',
		},
	],
};

/** For a vector store: the index may also be filled by whatever embeddings node is connected. */
export const connectedEmbedding = {
	name: 'From the Connected Node',
	value: 'connected',
	description: 'An embeddings sub-node connected as Embedding, of n8n or any package',
} as const;
