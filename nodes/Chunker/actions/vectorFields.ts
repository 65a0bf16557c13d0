import type { INodeProperties } from 'n8n-workflow';
import { embeddingField } from '../../shared/fields/embeddingField';

export const vectorFields: readonly INodeProperties[] = [
	{
		displayName: 'Vectors',
		name: 'vectors',
		type: 'options',
		default: 'none',
		description:
			'Whether each chunk comes with its vector, for Vector Index → Create or Update with a vector field',
		options: [
			{
				name: 'Late Chunking',
				value: 'late',
				description:
					'The document is read as a whole and each chunk’s vector knows its surroundings; with Built-In, Multilingual, Built-In, English or an engine that gives token vectors (llama.cpp, vLLM, TEI)',
			},
			{ name: 'None', value: 'none', description: 'The index embeds each chunk by itself' },
		],
	},
	{ ...embeddingField, displayOptions: { show: { vectors: ['late'] } } },
];
