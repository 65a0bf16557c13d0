import type { INodeProperties } from 'n8n-workflow';

export const embeddingField: INodeProperties = {
	displayName: 'Embedding Model',
	name: 'embedding',
	type: 'options',
	default: 'builtinAccurate',
	description: 'What turns text into vectors',
	options: [
		{
			name: 'Built-In, Accurate',
			value: 'builtinAccurate',
			description:
				'Best answers with nothing to install; English. Some 36 chunks of 400 characters a second on one core (10,000 chunks take 5 minutes), about 400 MB of memory while it works.',
		},
		{
			name: 'Built-In, Fast',
			value: 'builtinFast',
			description:
				'Thousands of chunks a second in a few MB; English. Finds less by meaning, so keep keyword search beside it.',
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
