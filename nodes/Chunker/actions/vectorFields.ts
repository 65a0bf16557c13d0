import type { INodeProperties } from 'n8n-workflow';
import { embeddingField } from '../../shared/fields/embeddingField';

export const vectorFields: readonly INodeProperties[] = [
	{
		displayName: 'Vectors',
		name: 'vectors',
		type: 'options',
		default: 'none',
		description:
			'Vectors to add to each chunk. Vector Index → Create or Update reads them with Vector Field.',
		options: [
			{
				name: 'Late Chunking',
				value: 'late',
				description:
					'Embeds the whole document at once, so that each vector includes the text around the chunk. Works with Built-In, Multilingual, Built-In, English, and engines that return token vectors (llama.cpp, vLLM, TEI).',
			},
			{ name: 'None', value: 'none', description: 'No vectors. The index embeds each chunk separately.' },
		],
	},
	{ ...embeddingField, displayOptions: { show: { vectors: ['late'] } } },
];
