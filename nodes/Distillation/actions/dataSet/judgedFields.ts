import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { judgeBy, type CurateOptions } from '../../../../lib/distillation';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { embedderFor } from '../../../shared/runtime/embedders';
import { enginesFor, hasEngineCredential } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { valueAt } from '../../../shared/runtime/values';

// Gates that ask something beyond the records: an evaluation set, an embedding, a judge.

/** Above all ordinary texts and below most paraphrases with both built-in models (test contamination.test.ts). */
const MIN_COSINE = 0.7;
/** With a judge and no line drawn: the middle of its scale. */
const MIN_SCORE = 0.5;

export const judgedOptions: INodeProperties[] = [
	{
		displayName: 'Evaluation Questions Field',
		name: 'evaluationField',
		type: 'string',
		default: 'evaluation',
		description: 'Field of the item with a list of texts that must not be in the training data',
	},
	{
		...embeddingField,
		displayName: 'Evaluation Paraphrases',
		name: 'paraphrases',
		default: 'builtinFast',
		description: 'Finds the evaluation questions in other words too, by the vectors of this model',
	},
	{
		displayName: 'Evaluation Similarity',
		name: 'minCosine',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: MIN_COSINE,
		description:
			'From this similarity (cosine) on a text counts as a paraphrase; 0.7 suits the built-in models, others need a look at what is rejected',
	},
	{
		displayName: 'Judge Model',
		name: 'judgeModel',
		type: 'string',
		default: '',
		description: 'Name of the model that judges; empty: the credential’s chat model',
	},
	{
		displayName: 'Judge Rubric',
		name: 'judgeRubric',
		type: 'string',
		typeOptions: { rows: 3 },
		default: 'The answer is correct, complete and concise.',
		description:
			'What makes an answer good: the engine of the credential scores by it what has no score yet, one request for each record that came through the other gates, in every run',
	},
];

const textOf = (value: unknown) =>
	typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

export async function judgedOptionsOf(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
): Promise<CurateOptions> {
	return {
		...(await contaminationOf(context, itemIndex, options)),
		...(await scoreOf(context, itemIndex, options)),
	};
}

async function contaminationOf(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
): Promise<Pick<CurateOptions, 'contamination'>> {
	const field = textOf(options.evaluationField);
	const model = textOf(options.paraphrases);
	if (field === undefined) {
		if (model === undefined) return {};
		throw new InputError(
			'Paraphrases of what? Add the option "Evaluation Questions Field" and send the questions in it.',
		);
	}
	const value = valueAt(context.getInputData()[itemIndex]?.json ?? {}, field);
	if (!Array.isArray(value) || value.length === 0) {
		throw new InputError(
			`The field "${field}" should hold a list of evaluation texts. Send it, or remove the option.`,
		);
	}
	const evaluation = value.map(String);
	if (model === undefined) return { contamination: { evaluation } };
	const embedder = await embedderFor(context, model, itemIndex);
	return {
		contamination: {
			evaluation,
			minCosine: typeof options.minCosine === 'number' ? options.minCosine : MIN_COSINE,
			embed: async (texts, call) => {
				const vectors: Float32Array[] = [];
				for await (const { vector } of embedder.embedDocuments(texts, call)) vectors.push(vector);
				return vectors;
			},
		},
	};
}

async function scoreOf(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
): Promise<Pick<CurateOptions, 'score'>> {
	const rubric = textOf(options.judgeRubric);
	const model = textOf(options.judgeModel);
	if (rubric === undefined) {
		if (model === undefined) return {};
		throw new InputError('A judge needs to know what is good: add the option "Judge Rubric".');
	}
	if (!hasEngineCredential(context)) {
		throw new InputError(
			'A judge needs an engine. Choose a Local Engine API credential in this node, or remove the option "Judge Rubric".',
		);
	}
	const engines = await enginesFor(context, itemIndex);
	return {
		score: {
			minScore: typeof options.minScore === 'number' ? options.minScore : MIN_SCORE,
			judge: judgeBy({
				complete: (request, call) => engines.complete(request, call),
				rubric,
				...(model !== undefined && { model }),
			}),
		},
	};
}
