import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import {
	generate,
	pairsOnly,
	promptFromPassage,
	PASSAGE_SCHEMA,
	recordFromPair,
	type Generated,
	type GenerateOptions,
	type Prompt,
} from '../../../../lib/distillation';
import { enginesFor } from '../../../shared/runtime/engines';
import { errorItem, toNodeError } from '../../../shared/runtime/errors';
import { textAt } from '../../../shared/runtime/values';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { recordStoreFor } from '../../../shared/runtime/recordStores';
import { storeFields } from '../../../shared/fields/storeFields';
import { inOrder } from '../../shared/order';

export const generateAnswers: Operation = {
	option: {
		name: 'Generate',
		value: 'generate',
		action: 'Generate answers with a teacher',
		description: 'A teacher answers each item; what it answered before is not asked again',
	},
	fields: [
		...storeFields,
		{
			displayName: 'An Item Is',
			name: 'promptKind',
			type: 'options',
			default: 'question',
			description: 'What the teacher makes of an item',
			options: [
				{
					name: 'A Passage',
					value: 'passage',
					description: 'The teacher asks a question it answers, and answers it',
				},
				{ name: 'A Question', value: 'question', description: 'The teacher answers it' },
			],
		},
		{
			displayName: 'Text Field',
			name: 'textField',
			type: 'string',
			default: 'text',
			required: true,
			description: 'Field that holds the question or the passage',
		},
		{
			displayName: 'Teacher',
			name: 'model',
			type: 'string',
			default: '',
			description: 'Name of the model; empty: the credential’s chat model',
		},
		{
			displayName: 'Licence of the Answers',
			name: 'licence',
			type: 'string',
			default: '',
			placeholder: 'apache-2.0',
			description: 'Teachers whose licence forbids learning from their answers are refused',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'Samples, selection and budget',
			options: [
				{
					displayName: 'At Once',
					name: 'concurrency',
					type: 'number',
					typeOptions: { minValue: 1, maxValue: 64 },
					default: 4,
					description: 'Prompts in work at the same time',
				},
				{
					displayName: 'Licence Is Confirmed',
					name: 'licenceConfirmed',
					type: 'boolean',
					default: false,
					description: 'Whether you have permission although the licence usually forbids it',
				},
				{
					displayName: 'Log Probabilities',
					name: 'logprobs',
					type: 'number',
					typeOptions: { minValue: 1, maxValue: 20 },
					default: 5,
					description:
						'Alternatives to keep for each token of the answer, for a student that learns from them (format Axolotl); the engine has to be able to give them',
				},
				{
					displayName: 'Minimum Score',
					name: 'minScore',
					type: 'number',
					typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
					default: 0.5,
					description: 'Prompts whose best sample scores lower are dropped',
				},
				{
					displayName: 'Rubric',
					name: 'rubric',
					type: 'string',
					typeOptions: { rows: 3 },
					default: 'The answer is correct, complete and concise.',
					description: 'What makes an answer good, for the judge',
				},
				{
					displayName: 'Samples',
					name: 'samples',
					type: 'number',
					typeOptions: { minValue: 1, maxValue: 16 },
					default: 4,
					description: 'Answers to each prompt, of which the best is learnt from',
				},
				{
					displayName: 'Selection',
					name: 'select',
					type: 'options',
					default: 'none',
					description: 'How the samples are weighed',
					options: [
						{ name: 'By a Judge', value: 'judge', description: 'The teacher scores them by the rubric' },
						{ name: 'By Agreement', value: 'consistency', description: 'What most samples say' },
						{ name: 'Not at All', value: 'none' },
					],
				},
				{
					displayName: 'Time Budget (Minutes)',
					name: 'minutes',
					type: 'number',
					typeOptions: { minValue: 1 },
					default: 60,
					description: 'No new prompt is begun afterwards',
				},
				{
					displayName: 'Token Budget',
					name: 'maxTotalTokens',
					type: 'number',
					typeOptions: { minValue: 1 },
					default: 1000000,
					description: 'No new prompt is begun once so many tokens are used',
				},
			],
		},
	],
	execute: async (context) => {
		try {
			return [await run(context)];
		} catch (error) {
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, 0);
			return [[errorItem(context, error, 0)]];
		}
	},
};

async function run(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const passages = context.getNodeParameter('promptKind', 0) === 'passage';
	const store = await recordStoreFor(context, 0);
	const output: INodeExecutionData[] = [];
	const prompts: Array<{ readonly prompt: Prompt; readonly item: number }> = [];
	for (let item = 0; item < context.getInputData().length; item++) {
		try {
			prompts.push({ prompt: promptOf(context, item, passages), item });
		} catch (error) {
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, item);
			output.push(errorItem(context, error, item));
		}
	}
	if (prompts.length === 0) return output;
	const work = generate(
		prompts.map(({ prompt }) => prompt),
		{ ...(await optionsOf(context, passages)), store: passages ? pairsOnly(store) : store },
		{ signal: context.getExecutionCancelSignal(), onProgress: progressFor(context) },
	);
	const rows: Generated[] = [];
	let step = await work.next();
	while (step.done !== true) {
		rows.push(step.value);
		step = await work.next();
	}
	const report = step.value;
	for (const { position, outcome, reason, record } of rows) {
		// A known one is the pair already.
		const shown =
			passages && outcome === 'answered' && record !== undefined ? recordFromPair(record) : record;
		const unusable = outcome === 'answered' && shown === undefined;
		output.push({
			json: {
				outcome: unusable ? 'rejected' : outcome,
				reason: unusable ? 'the teacher gave no question with an answer' : reason,
				id: shown?.id,
				question: shown?.messages.at(-1)?.content,
				answer: shown?.answers[0]?.content,
				score: shown?.answers[0]?.score,
			},
			pairedItem: { item: prompts[position]?.item ?? 0 },
		});
	}
	if (report.stopped !== undefined) {
		context.addExecutionHints({
			message: `The ${report.stopped} budget ended the run after ${rows.length} of ${prompts.length} items. Run it again to go on.`,
			location: 'outputPane',
		});
	}
	return inOrder(output);
}

function promptOf(context: IExecuteFunctions, itemIndex: number, passages: boolean): Prompt {
	const json = context.getInputData()[itemIndex]?.json ?? {};
	const text = textAt(
		json,
		context.getNodeParameter('textField', itemIndex) as string,
		passages ? 'The passage' : 'The question',
	);
	const source = typeof json.source === 'string' ? json.source : undefined;
	const lineage = {
		workflow: context.getWorkflow().id,
		node: context.getNode().name,
		execution: context.getExecutionId(),
		item: itemIndex,
	};
	if (!passages)
		return { messages: [{ role: 'user', content: text }], ...(source !== undefined && { source }), lineage };
	const seed = promptFromPassage({
		text,
		source: source ?? `item ${itemIndex}`,
		...(typeof json.id === 'string' && { id: json.id }),
	});
	return { ...seed, lineage: { ...lineage, ...seed.lineage } };
}

async function optionsOf(context: IExecuteFunctions, passages: boolean): Promise<GenerateOptions> {
	const engines = await enginesFor(context);
	const options = context.getNodeParameter('options', 0, {});
	const text = (value: unknown) =>
		typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
	const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
	const minutes = number(options.minutes);
	const model = text(context.getNodeParameter('model', 0));
	const licence = text(context.getNodeParameter('licence', 0));
	return {
		complete: (request, call) => engines.complete(request, call),
		...(model !== undefined && { model }),
		...(licence !== undefined && { licence }),
		licenceConfirmed: options.licenceConfirmed === true,
		samples: number(options.samples) ?? 1,
		select: options.select === 'judge' || options.select === 'consistency' ? options.select : 'none',
		judge: {
			rubric: text(options.rubric) ?? 'The answer is correct, complete and concise.',
			...(model !== undefined && { model }),
		},
		...(passages && { schema: PASSAGE_SCHEMA }),
		...(number(options.minScore) !== undefined && { minScore: number(options.minScore) }),
		...(number(options.logprobs) !== undefined && { logprobs: number(options.logprobs) }),
		...(number(options.concurrency) !== undefined && { concurrency: number(options.concurrency) }),
		...(number(options.maxTotalTokens) !== undefined && { maxTotalTokens: number(options.maxTotalTokens) }),
		...(minutes !== undefined && { maxMs: minutes * 60_000 }),
	};
}
