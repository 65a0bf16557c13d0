import type { INodeProperties } from 'n8n-workflow';
import { DEFAULT_RUBRIC, MIN_COSINE } from '../../../../lib/distillation';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { pathField } from '../../../shared/fields/pathField';

/** Gates that ask something beyond the records: an evaluation set, an embedding, a judge. */
export const judgedOptions: INodeProperties[] = [
	pathField({
		displayName: 'Evaluation Questions Field',
		name: 'evaluationField',
		default: 'evaluation',
		description: 'Name of the field that holds a list of texts that must not be in the training data',
	}),
	{
		...embeddingField,
		displayName: 'Evaluation Paraphrases',
		name: 'paraphrases',
		default: 'builtinFast',
		description: 'Embedding model that also finds evaluation questions in other words',
	},
	{
		displayName: 'Evaluation Similarity',
		name: 'minCosine',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: MIN_COSINE,
		description:
			'Minimum cosine similarity of a paraphrase, from 0 to 1. If not set: 0.885 with Multilingual, 0.7 with English and Fast, 0.9 with the model of an engine.',
	},
	{
		displayName: 'Judge Model',
		name: 'judgeModel',
		type: 'string',
		default: '',
		description: 'Name of the model that judges. If empty, the credential’s chat model is used.',
	},
	{
		displayName: 'Judge Rubric',
		name: 'judgeRubric',
		type: 'string',
		typeOptions: { rows: 3 },
		default: DEFAULT_RUBRIC,
		description:
			'What makes an answer good. The credential’s engine gives a score to each record that has none and passed the other checks. This takes one request per record in every run.',
	},
];
