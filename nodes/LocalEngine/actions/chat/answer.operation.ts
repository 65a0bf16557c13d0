import type { IDataObject } from 'n8n-workflow';
import {
	answerFromPassages,
	answerWithSources,
	type CitedAnswer,
	DEFAULT_MAX_PASSAGE_CHARACTERS,
	sourcesOf,
} from '../../../../lib/answering';
import type { ChatMessage } from '../../../../lib/engine';
import { isObject } from '../../../../lib/support';
import { batchingOption } from '../../../shared/fields/batchingOption';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { conversationOptions } from '../../../shared/fields/conversationOptions';
import { modelField } from '../../../shared/fields/modelField';
import { optionsField } from '../../../shared/fields/optionsField';
import { passagesField, questionField } from '../../../shared/fields/pathField';
import { recordFields } from '../../../shared/fields/recordFields';
import { QUOTED } from '../../../shared/runtime/answerNotes';
import { engineBatching } from '../../../shared/runtime/batching';
import { cacheScopeOf } from '../../../shared/runtime/cacheScope';
import { callOptions, chatSettings } from '../../../shared/runtime/chatSettings';
import { rememberAnswer, wholeQuestion } from '../../../shared/runtime/conversation';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import { modelOf } from '../../../shared/runtime/model';
import type { Operation } from '../../../shared/runtime/operations';
import { questionOf } from '../../../shared/runtime/question';
import { exchangeRecorder } from '../../../shared/runtime/recording';
import { passagesOf } from '../passages/passageInput';
import { instructionsOption } from '../text/instructionsOption';
import { callDetails, fallbackOf } from './callDetails';

export const answer: Operation = {
	option: {
		name: 'Answer From Passages',
		value: 'answer',
		action: 'Answer a question from search results with citations',
		description: 'Answers a question from the passages (texts) that a search found, and cites them',
	},
	fields: [
		modelField,
		questionField,
		passagesField(),
		optionsField([
			...chatOptions,
			batchingOption,
			...conversationOptions,
			instructionsOption('Answer in two sentences, in German.'),
			{
				displayName: 'Only When Sure',
				name: 'onlyWhenSure',
				type: 'boolean',
				default: false,
				description:
					'Whether to answer only if the answer is very likely to be in the passages. More questions are answered with "does not know", and fewer answers are wrong. Use it where customers read the answer.',
			},
			{
				displayName: 'Maximum Passage Characters',
				name: 'maxPassageCharacters',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: DEFAULT_MAX_PASSAGE_CHARACTERS,
				description:
					'Maximum length of all passages together, in characters. The best passages are used first; the others are left out.',
			},
		]),
		...recordFields,
	],
	execute: async (run) => {
		const record = exchangeRecorder(run.context);
		return await forEachItem(
			run,
			async (item) => {
				const asked = questionOf(item);
				const { question, completedBy } = await wholeQuestion(run, item, asked);
				const passages = passagesOf(item);
				const engines = await enginesFor(item.context, item.index);
				let messages: readonly ChatMessage[] = [];
				const cited = await answerFromPassages(
					{
						complete: (request, call) => {
							messages = request.messages;
							return engines.complete(request, call);
						},
					},
					{
						question,
						passages,
						instructions: item.prose('options.instructions') || undefined,
						onlyWhenSure: item.flag('options.onlyWhenSure'),
						memoryScope: await cacheScopeOf(item.context, item.index),
						maxPassageCharacters: item.optionalNumber('options.maxPassageCharacters'),
						chat: { model: modelOf(item), ...chatSettings(item) },
					},
					callOptions(item),
				);
				const recorded = await record(item, {
					messages,
					result: cited.result,
					labels: { task: 'answer', found: cited.found ? 'yes' : 'no' },
					source: passages[0]?.source,
				});
				rememberAnswer(item, question, cited.answer);
				const fallback = fallbackOf(run, cited.result);
				return {
					json: {
						...(completedBy && { question, asked, completedBy }),
						...asJson(cited, fallback),
						// Search says so while passages are missing from what is found by meaning.
						...(isObject(item.json.vectors) && { vectors: item.json.vectors }),
						fallback,
						...recorded,
						call: callDetails(cited.result),
					},
				};
			},
			engineBatching,
		);
	},
};

/** `output` is what n8n's chat shows: the answer, what to know about it, and its sources below. */
function asJson(cited: CitedAnswer, fallback: boolean): IDataObject {
	const { answer: text, citations, found, quoted, citationsHold, unknownMarkers, leftOut } = cited;
	return {
		output: answerWithSources(cited, notesOn(cited, fallback)),
		answer: text,
		found,
		quoted,
		citations: citations.map(({ quote, ...citation }) => ({
			...citation,
			...(quote && { quote: { ...quote } }),
		})),
		sources: sourcesOf(citations).map((source) => ({ ...source, markers: [...source.markers] })),
		citationsHold,
		unknownMarkers: [...unknownMarkers],
		passagesLeftOut: leftOut,
	};
}

function notesOn({ found, quoted, citations, unknownMarkers }: CitedAnswer, fallback: boolean): string[] {
	const notes: string[] = [];
	if (fallback) notes.push('No model could be reached.');
	if (quoted && found) notes.push(QUOTED);
	if (found && citations.length === 0) notes.push('This answer names no source.');
	if (unknownMarkers.length > 0)
		notes.push('Citations of passages that do not exist were removed from this answer.');
	return notes;
}
