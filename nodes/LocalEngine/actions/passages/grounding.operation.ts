import type { IDataObject } from 'n8n-workflow';
import {
	checkGrounding,
	checkGroundingByEngine,
	GROUNDING_THRESHOLDS,
	type GroundingReport,
} from '../../../../lib/answering';
import type { CallOptions } from '../../../../lib/engine';
import { likenessVectorsOf } from '../../../../lib/embedding';
import { cosineLimitsOf, withRounded } from '../../../../lib/support';
import { batchingOption } from '../../../shared/fields/batchingOption';
import { modelField } from '../../../shared/fields/modelField';
import { optionsField } from '../../../shared/fields/optionsField';
import { passagesField, pathField } from '../../../shared/fields/pathField';
import { rerankOptions } from '../../../shared/fields/rerankFields';
import { engineBatching } from '../../../shared/runtime/batching';
import { builtinReader } from '../../../shared/runtime/builtin';
import { callOptions } from '../../../shared/runtime/chatSettings';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import { modelOf } from '../../../shared/runtime/model';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { passagesOf } from './passageInput';

const { embedded: threshold } = GROUNDING_THRESHOLDS;

export const grounding: Operation = {
	option: {
		name: 'Check Grounding',
		value: 'grounding',
		action: 'Check an answer against its passages',
		description: 'Checks for each sentence of an answer whether the passages support it',
	},
	fields: [
		pathField({
			displayName: 'Answer Field',
			name: 'answerField',
			required: true,
			default: 'answer',
			description: 'Name of the field that holds the answer, or an expression that returns the answer',
		}),
		passagesField({
			default: 'citations',
			description:
				'Name of the field that holds the passages: the citations of an answer, or all results of a search in their order',
		}),
		{
			displayName: 'Check With',
			name: 'checkWith',
			type: 'options',
			default: 'builtIn',
			description: 'What checks the answer',
			options: [
				{
					name: 'Built-In Check',
					value: 'builtIn',
					description: 'Compares numbers, dates, names and negations, and the rest by the built-in model',
				},
				{
					name: 'Model of an Engine',
					value: 'engine',
					description: 'Asks a model about each sentence. Needs a Local Engine API credential.',
				},
			],
		},
		{ ...modelField, displayOptions: { show: { checkWith: ['engine'] } } },
		optionsField([
			...rerankOptions,
			batchingOption,
			{
				displayName: 'Cited Passages Only',
				name: 'citedOnly',
				type: 'boolean',
				default: true,
				description: 'Whether to compare a sentence that has citations only with the passages that it cites',
			},
			{
				displayName: 'Threshold',
				name: 'threshold',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
				default: threshold,
				description: `Minimum score of a sentence that counts as supported. If not set: ${threshold} for the built-in check, 0.5 (the probability of "yes") for a model.`,
			},
		]),
	],
	execute: async (run) =>
		await forEachItem(
			run,
			async (item) => {
				const answer = item.pointedText('answerField');
				const passages = passagesOf(item).map(({ text, marker }) => ({
					text,
					...(marker !== undefined && { label: String(marker) }),
				}));
				const call = callOptions(item);
				const citedOnly = item.optionalFlag('options.citedOnly');
				const minimum = item.optionalNumber('options.threshold');
				const options = {
					...(citedOnly !== undefined && { citedOnly }),
					...(minimum !== undefined && { threshold: minimum }),
				};
				const { model, ...report } =
					item.choice('checkWith') === 'engine'
						? await checkByEngine(item, answer, passages, options, call)
						: { ...(await checkBuiltIn(answer, passages, options, call)), model: undefined };
				return { json: { ...asJson(report), ...(model !== undefined && { checkedBy: model }) } };
			},
			engineBatching,
		),
};

type Check = Parameters<typeof checkGrounding>;

async function checkBuiltIn(
	answer: string,
	passages: Check[1],
	options: Check[3],
	call: CallOptions,
): Promise<GroundingReport> {
	const reader = builtinReader();
	const limits = cosineLimitsOf(reader.model)?.statements;
	return await checkGrounding(
		answer,
		passages,
		limits && {
			meaning: { embed: async (texts, call) => await likenessVectorsOf(reader, texts, call), ...limits },
		},
		options,
		call,
	);
}

async function checkByEngine(
	item: NodeItem,
	answer: string,
	passages: Check[1],
	options: Check[3],
	call: CallOptions,
) {
	const engines = await enginesFor(item.context, item.index);
	return await checkGroundingByEngine(
		async (request, call) => await engines.classify(request, call),
		answer,
		passages,
		{ model: modelOf(item), ...options },
		call,
	);
}

function asJson({ grounded, share, supported, unsupported, sentences }: GroundingReport): IDataObject {
	return withRounded({
		grounded,
		supportedShare: share,
		supported,
		unsupported,
		sentences: sentences.map(
			(sentence): IDataObject => ({
				...sentence,
				missingNumbers: [...sentence.missingNumbers],
				missingDates: [...sentence.missingDates],
				missingNames: [...sentence.missingNames],
				cited: [...sentence.cited],
				evidence: sentence.evidence && { ...sentence.evidence },
			}),
		),
	});
}
