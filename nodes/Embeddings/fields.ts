import type { INodeProperties } from 'n8n-workflow';
import { EMBED_DEFAULTS } from '../../lib/engine';
import { chatOptions } from '../shared/fields/chatOptions';
import { embeddingField } from '../shared/fields/embeddingField';
import { supplyOptionsField } from '../shared/fields/optionsField';
import { modelField } from '../shared/fields/modelField';

const ofEngine = { show: { embedding: ['engine'] } };

/** The built-in models are fixed: all choices are about an engine's. */
export const properties: INodeProperties[] = [
	embeddingField,
	{ ...modelField, displayOptions: ofEngine },
	{
		...supplyOptionsField([
			...chatOptions.filter(({ name }) => name === 'allowRemote'),
			{
				displayName: 'Batch Size',
				name: 'batchSize',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 2048 },
				default: EMBED_DEFAULTS.batchSize,
				description: 'Most texts in one request',
			},
			{
				displayName: 'Dimensions',
				name: 'dimensions',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 256,
				description: 'Shorter vectors, for models that were made for it (Matryoshka)',
			},
			{
				displayName: 'Document Prefix',
				name: 'documentPrefix',
				type: 'string',
				default: '',
				placeholder: 'search_document: ',
				description:
					'Put before each document. Without this option: what the model is known to want; empty: nothing.',
			},
			{
				displayName: 'Maximum Tokens of a Text',
				name: 'maxTokens',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 512,
				description: 'Texts longer than this are handled as chosen under Too Long Texts',
			},
			{
				displayName: 'Question Prefix',
				name: 'queryPrefix',
				type: 'string',
				default: '',
				placeholder: 'search_query: ',
				description:
					'Put before each question. Without this option: what the model is known to want; empty: nothing.',
			},
			{
				displayName: 'Too Long Texts',
				name: 'onTooLong',
				type: 'options',
				default: EMBED_DEFAULTS.onTooLong,
				description: 'What happens to a text that is longer than the model reads',
				options: [
					{
						name: 'Average',
						value: 'mean',
						description: 'Read in pieces, and the mean of their vectors taken',
					},
					{ name: 'Cut', value: 'truncate', description: 'The end is left out' },
					{ name: 'Fail', value: 'fail', description: 'With an error that says which text it is' },
				],
			},
		]),
		displayOptions: ofEngine,
	},
];
