import type { INodeProperties } from 'n8n-workflow';
import { EMBED_DEFAULTS } from '../../lib/engine';
import { chatOptions } from '../shared/fields/chatOptions';
import { embeddingField } from '../shared/fields/embeddingField';
import { supplyOptionsField } from '../shared/fields/optionsField';
import { modelField } from '../shared/fields/modelField';

const { batchSize, onTooLong } = EMBED_DEFAULTS;
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
				default: batchSize,
				description: 'Maximum number of texts in one request',
			},
			{
				displayName: 'Dimensions',
				name: 'dimensions',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 256,
				description:
					'Number of dimensions of the vectors, for models that support shorter vectors (Matryoshka)',
			},
			{
				displayName: 'Document Prefix',
				name: 'documentPrefix',
				type: 'string',
				default: '',
				placeholder: 'search_document: ',
				description:
					'Text to add in front of each document. If this option is not added, the prefix that the model needs is used, if it is known. If empty, nothing is added.',
			},
			{
				displayName: 'Maximum Tokens of a Text',
				name: 'maxTokens',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 512,
				description:
					'Maximum length of a text, in tokens. Longer texts are handled as set in Too Long Texts.',
			},
			{
				displayName: 'Question Prefix',
				name: 'queryPrefix',
				type: 'string',
				default: '',
				placeholder: 'search_query: ',
				description:
					'Text to add in front of each question. If this option is not added, the prefix that the model needs is used, if it is known. If empty, nothing is added.',
			},
			{
				displayName: 'Too Long Texts',
				name: 'onTooLong',
				type: 'options',
				default: onTooLong,
				description: 'What to do with a text that is longer than the model can read',
				options: [
					{
						name: 'Average',
						value: 'mean',
						description: 'Splits the text, and uses the mean of the vectors of its parts',
					},
					{ name: 'Cut', value: 'truncate', description: 'Leaves out the end of the text' },
					{ name: 'Fail', value: 'fail', description: 'Stops with an error that names the text' },
				],
			},
		]),
		displayOptions: ofEngine,
	},
];
