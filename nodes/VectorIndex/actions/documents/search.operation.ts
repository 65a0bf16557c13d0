import type { INodeProperties } from 'n8n-workflow';
import type { SearchQuery, VectorIndex } from '../../../../lib/vectorIndex';
import { batchingOption } from '../../../shared/fields/batchingOption';
import { conversationOptions } from '../../../shared/fields/conversationOptions';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField, supplyOptionsField } from '../../../shared/fields/optionsField';
import { questionField } from '../../../shared/fields/pathField';
import { searchModeField } from '../../../shared/fields/searchModeField';
import { searchOptions } from '../../../shared/fields/searchOptions';
import { fixed, fromModel } from '../../../shared/fields/toolFields';
import { engineBatching } from '../../../shared/runtime/batching';
import { embedderOfIndex } from '../../../shared/runtime/embedders';
import { wholeQuestion } from '../../../shared/runtime/conversation';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { explainFilter } from '../../../shared/runtime/filterHint';
import { forEachItem } from '../../../shared/runtime/items';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { questionOf, writtenQuestionOf } from '../../../shared/runtime/question';
import { answerWithPassages } from '../../../shared/runtime/passagesForModel';
import { rerankerFor } from '../../../shared/runtime/rerank';
import { filterOf, searchSettings } from '../../../shared/runtime/searchSettings';
import { coverageAsJson, tellCoverage } from '../../../shared/runtime/vectorCoverage';
import { hitAsJson } from './rows';

const limitField: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 1000 },
	default: 50,
	description: 'Max number of results to return',
};

/** Callers of a webhook may name an index; a model searches the one that its tool is for. */
const CALLERS_OPTIONS = ['allowedIndexes', 'indexNameField'];

export const search: Operation = {
	option: {
		name: 'Search',
		value: 'search',
		action: 'Search an index',
		description: 'Returns the passages that match a question best',
	},
	fields: [
		...indexFields,
		{
			displayName: 'Query',
			name: 'queryFrom',
			type: 'options',
			default: 'field',
			description: 'Where the question comes from',
			options: [
				{ name: 'Field of the Item', value: 'field' },
				{ name: 'Text Below', value: 'text' },
			],
		},
		{ ...questionField, displayOptions: { show: { queryFrom: ['field'] } } },
		{
			displayName: 'Query Text',
			name: 'queryText',
			type: 'string',
			displayOptions: { show: { queryFrom: ['text'] } },
			required: true,
			default: '',
			placeholder: 'How long is the notice period?',
			description: 'Question to search for',
		},
		searchModeField,
		limitField,
		{
			displayName: 'Output',
			name: 'output',
			type: 'options',
			default: 'perQuery',
			description: 'What each output item contains',
			options: [
				{
					name: 'One Item per Passage',
					value: 'perHit',
					description: 'For filtering or sorting the passages',
				},
				{
					name: 'One Item per Query',
					value: 'perQuery',
					description: 'With the list of passages in "hits", as Local Engine → Answer From Passages needs it',
				},
			],
		},
		optionsField([...searchOptions, ...conversationOptions, batchingOption]),
	],
	tool: {
		description:
			'Searches the documents and returns numbered passages with their sources, best first. Use it before answering questions about facts. Cite passages by their numbers.',
		fields: [
			...indexFields,
			fixed('queryFrom', 'field'),
			fromModel({
				displayName: 'Question',
				name: 'questionField',
				key: 'question',
				description: 'What to look for, as a full question or as keywords',
			}),
			searchModeField,
			{ ...limitField, default: 5 },
			fixed('output', 'perQuery'),
			supplyOptionsField(searchOptions.filter(({ name }) => !CALLERS_OPTIONS.includes(name))),
		],
	},
	execute: async (run) =>
		await forEachItem(
			run,
			async (item) => {
				const { signal } = item;
				const asked = item.choice('queryFrom') === 'field' ? questionOf(item) : writtenQuestionOf(item);
				const { question, completedBy } = await wholeQuestion(run, item, asked);
				const started = performance.now();
				const index = await openIndexFor(item);
				const mode = item.choice<SearchQuery['mode']>('searchMode');
				const vector = mode === 'keyword' ? {} : await embedQuestion(item, index, question);
				const embedded = performance.now();
				const hits = await index.search(
					{ text: question, ...vector, mode, limit: item.number('limit'), ...searchSettings(item) },
					{ signal, rerank: item.flag('options.rerank') ? await rerankerFor(item) : undefined },
				);
				const missing = await tellCoverage(run, index, mode);
				if (hits.length === 0) await explainFilter(run, index, filterOf(item, 'options.filter'));
				if (run.tool) return { json: { response: answerWithPassages(run.context, question, hits) } };
				if (item.choice('output') === 'perHit') return hits.map((hit) => ({ json: hitAsJson(hit) }));
				const timings = {
					embedMs: Math.round((embedded - started) * 10) / 10,
					searchMs: Math.round((performance.now() - embedded) * 10) / 10,
				};
				return {
					json: {
						question,
						...(completedBy && { asked, completedBy }),
						hits: hits.map(hitAsJson),
						...(missing && { vectors: coverageAsJson(missing) }),
						searchTimings: timings,
					},
				};
			},
			engineBatching,
		),
};

/** The question's vector by the model the index was built with, and which model that was. */
async function embedQuestion(
	item: NodeItem,
	index: VectorIndex,
	question: string,
): Promise<Pick<SearchQuery, 'vector' | 'fingerprint'>> {
	const { signal } = item;
	const embedder = await embedderOfIndex(item.context, (await index.settings()).model, item.index);
	const [vector, fingerprint] = await Promise.all([
		embedder.embedQuery(question, { signal }),
		embedder.fingerprint({ signal }),
	]);
	return { vector, fingerprint: fingerprint.id };
}
