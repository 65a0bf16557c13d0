import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { Filter, Hit, Rerank, SearchQuery, VectorIndex } from '../../../../lib/vectorIndex';
import { embedderOfIndex } from '../../../shared/runtime/embedders';
import { enginesFor } from '../../../shared/runtime/engines';
import { objectParameter, textAt } from '../../../shared/runtime/values';
import { indexFields } from '../../../shared/fields/indexFields';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { searchOptions } from '../../../shared/fields/searchOptions';
import { searchSettings } from '../../../shared/runtime/searchSettings';

const MAX_QUERY_CHARACTERS = 4000;

export const search: Operation = {
	option: {
		name: 'Search',
		value: 'search',
		action: 'Search an index',
		description: 'Finds the passages that fit a question best',
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
				{ name: 'Written Here', value: 'text' },
			],
		},
		{
			displayName: 'Query Field',
			name: 'queryField',
			type: 'string',
			displayOptions: { show: { queryFrom: ['field'] } },
			required: true,
			default: 'question',
			description: 'Field of the item that holds the question, like question or body.question',
		},
		{
			displayName: 'Query Text',
			name: 'queryText',
			type: 'string',
			displayOptions: { show: { queryFrom: ['text'] } },
			required: true,
			default: '',
			placeholder: 'How long is the notice period?',
			description: 'The question',
		},
		{
			displayName: 'Search By',
			name: 'mode',
			type: 'options',
			default: 'hybrid',
			description:
				'Meaning finds paraphrases, keywords find names and numbers; both together is best nearly always',
			options: [
				{ name: 'Keywords', value: 'keyword', description: 'BM25 over the words' },
				{ name: 'Meaning', value: 'vector', description: 'Nearest vectors' },
				{ name: 'Meaning and Keywords', value: 'hybrid' },
			],
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 1000 },
			default: 50,
			description: 'Max number of results to return',
		},
		{
			displayName: 'Output',
			name: 'output',
			type: 'options',
			default: 'perQuery',
			description: 'What becomes an item',
			options: [
				{
					name: 'One Item per Passage',
					value: 'perHit',
					description: 'To look at, filter or sort the passages',
				},
				{
					name: 'One Item per Query',
					value: 'perQuery',
					description: 'With the list of passages in "hits", as Local Engine → Answer From Passages takes it',
				},
			],
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: [...searchOptions],
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const json = context.getInputData()[itemIndex]?.json ?? {};
			const options = context.getNodeParameter('options', itemIndex, {});
			const question =
				context.getNodeParameter('queryFrom', itemIndex) === 'field'
					? textAt(
							json,
							context.getNodeParameter('queryField', itemIndex) as string,
							'The question',
							MAX_QUERY_CHARACTERS,
						)
					: textAt(
							{ query: context.getNodeParameter('queryText', itemIndex) as string },
							'query',
							'The question',
							MAX_QUERY_CHARACTERS,
						);
			const started = performance.now();
			const index = await openIndexFor(context, itemIndex);
			const mode = context.getNodeParameter('mode', itemIndex) as SearchQuery['mode'];
			const asked =
				mode === 'keyword' ? {} : await embedQuestion(context, itemIndex, index, question, signal);
			const embedded = performance.now();
			const hits = await index.search(
				{
					text: question,
					...asked,
					mode,
					limit: context.getNodeParameter('limit', itemIndex),
					filter: filterOf(objectParameter(context, 'options.filter', itemIndex, 'The filter')),
					...searchSettings(options),
				},
				{ signal, rerank: options.rerank === true ? await rerankerFor(context, itemIndex) : undefined },
			);
			const timings = {
				embedMs: Math.round((embedded - started) * 10) / 10,
				searchMs: Math.round((performance.now() - embedded) * 10) / 10,
			};
			if (context.getNodeParameter('output', itemIndex) === 'perHit') {
				return hits.map((hit) => ({ json: { question, ...asJson(hit) } }));
			}
			return { json: { question, hits: hits.map(asJson), searchTimings: timings } };
		}),
};

/** The question's vector by the model the index was built with, and which model that was. */
async function embedQuestion(
	context: IExecuteFunctions,
	itemIndex: number,
	index: VectorIndex,
	question: string,
	signal: AbortSignal | undefined,
): Promise<Pick<SearchQuery, 'vector' | 'fingerprint'>> {
	const embedder = await embedderOfIndex(context, (await index.settings()).model, itemIndex);
	const [vector, fingerprint] = await Promise.all([
		embedder.embedQuery(question, { signal }),
		embedder.fingerprint({ signal }),
	]);
	return { vector, fingerprint: fingerprint.id };
}

async function rerankerFor(context: IExecuteFunctions, itemIndex: number): Promise<Rerank> {
	const engines = await enginesFor(context, itemIndex);
	return async (query, documents, call) =>
		await engines.rerank(query, documents, {}, { signal: call?.signal });
}

const filterOf = (filter: IDataObject): Filter | undefined =>
	Object.keys(filter).length === 0 ? undefined : (filter as Filter);

function asJson({
	id,
	text,
	source,
	score,
	start,
	end,
	context,
	metadata,
	parent,
	stages,
}: Hit): IDataObject {
	const { title, ...rest } = metadata ?? {};
	return {
		text,
		source,
		...(typeof title === 'string' && { title }),
		score,
		start,
		end,
		...(context && { context }),
		...(parent && { parent: { ...parent } }),
		metadata: rest as IDataObject,
		stages: stages as IDataObject,
		id,
	};
}
