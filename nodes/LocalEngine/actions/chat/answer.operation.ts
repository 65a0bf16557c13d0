import type { IDataObject } from 'n8n-workflow';
import {
	answerFromPassages,
	type CitedAnswer,
	DEFAULT_MAX_PASSAGE_CHARACTERS,
} from '../../../../lib/answering';
import { type ChatMessage } from '../../../../lib/engine';
import { enginesFor } from '../../../shared/runtime/engines';
import { textAt } from '../../../shared/runtime/values';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { modelField } from '../../../shared/fields/modelField';
import { modelOf } from '../../../shared/runtime/model';
import { callOptions, chatSettings } from '../../../shared/runtime/chatSettings';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { exchangeRecorder } from '../../../shared/runtime/recording';
import { recordFields } from '../../../shared/fields/recordFields';
import { passagesAt } from '../passages/passageInput';
import { callJson } from './resultJson';

const MAX_QUESTION_CHARACTERS = 4000;

export const answer: Operation = {
	option: {
		name: 'Answer From Passages',
		value: 'answer',
		action: 'Answer a question from passages with citations',
		description: 'Answers from the passages a search found and cites them',
	},
	fields: [
		modelField,
		{
			displayName: 'Question Field',
			name: 'questionField',
			type: 'string',
			required: true,
			default: 'question',
			description: 'Field of the item that holds the question',
		},
		{
			displayName: 'Passages Field',
			name: 'passagesField',
			type: 'string',
			required: true,
			default: 'hits',
			description:
				'Field of the item that holds the list of passages, best first. Each has "text" and "source", as Vector Index → Search returns them.',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: [
				...chatOptions,
				{
					displayName: 'Instructions',
					name: 'instructions',
					type: 'string',
					typeOptions: { rows: 3 },
					default: '',
					placeholder: 'Answer in two sentences, in German.',
					description: 'More for the model to keep to: tone, language, audience',
				},
				{
					displayName: 'Maximum Passage Characters',
					name: 'maxPassageCharacters',
					type: 'number',
					typeOptions: { minValue: 1 },
					default: DEFAULT_MAX_PASSAGE_CHARACTERS,
					description: 'Passages beyond this length in total are left out, the best ones stay',
				},
			],
		},
		...recordFields,
	],
	execute: async (context) => {
		const record = exchangeRecorder(context);
		return await forEachItem(context, async ({ itemIndex, signal }) => {
			const json = context.getInputData()[itemIndex]?.json ?? {};
			const options = context.getNodeParameter('options', itemIndex, {});
			const engines = await enginesFor(context, itemIndex);
			const passages = passagesAt(json, context.getNodeParameter('passagesField', itemIndex) as string);
			let messages: readonly ChatMessage[] = [];
			const cited = await answerFromPassages(
				{
					complete: (request, call) => {
						messages = request.messages;
						return engines.complete(request, call);
					},
				},
				{
					question: textAt(
						json,
						context.getNodeParameter('questionField', itemIndex) as string,
						'The question',
						MAX_QUESTION_CHARACTERS,
					),
					passages,
					instructions: typeof options.instructions === 'string' ? options.instructions : undefined,
					maxPassageCharacters:
						typeof options.maxPassageCharacters === 'number' ? options.maxPassageCharacters : undefined,
					chat: { model: modelOf(context, itemIndex), ...chatSettings(options) },
				},
				callOptions(options, signal),
			);
			const recorded = await record(itemIndex, {
				messages,
				result: cited.result,
				labels: { task: 'answer', found: cited.found ? 'yes' : 'no' },
				source: passages[0]?.source,
			});
			return { json: { ...asJson(cited), ...recorded } };
		});
	},
};

function asJson({
	answer: text,
	citations,
	found,
	unknownMarkers,
	leftOut,
	result,
}: CitedAnswer): IDataObject {
	return {
		answer: text,
		found,
		citations: citations.map((citation) => ({ ...citation })),
		unknownMarkers: [...unknownMarkers],
		passagesLeftOut: leftOut,
		...callJson(result),
	};
}
