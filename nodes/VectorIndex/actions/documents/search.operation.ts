import type { SearchQuery, VectorIndex } from '../../../../lib/vectorIndex';
import { batchingOption } from '../../../shared/fields/batchingOption';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { questionField } from '../../../shared/fields/pathField';
import { searchModeField } from '../../../shared/fields/searchModeField';
import { searchOptions } from '../../../shared/fields/searchOptions';
import { engineBatching } from '../../../shared/runtime/batching';
import { embedderOfIndex } from '../../../shared/runtime/embedders';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { questionOf, writtenQuestionOf } from '../../../shared/runtime/question';
import { rerankerFor } from '../../../shared/runtime/rerank';
import { searchSettings } from '../../../shared/runtime/searchSettings';
import { hitAsJson } from './rows';

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
		{ ...questionField, displayOptions: { show: { queryFrom: ['field'] } } },
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
		searchModeField,
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
		optionsField([...searchOptions, batchingOption]),
	],
	execute: async (run) =>
		await forEachItem(
			run,
			async (item) => {
				const { signal } = item;
				const question = item.choice('queryFrom') === 'field' ? questionOf(item) : writtenQuestionOf(item);
				const started = performance.now();
				const index = await openIndexFor(item);
				const mode = item.choice<SearchQuery['mode']>('searchMode');
				const asked = mode === 'keyword' ? {} : await embedQuestion(item, index, question);
				const embedded = performance.now();
				const hits = await index.search(
					{ text: question, ...asked, mode, limit: item.number('limit'), ...searchSettings(item) },
					{ signal, rerank: item.flag('options.rerank') ? await rerankerFor(item) : undefined },
				);
				if (item.choice('output') === 'perHit') return hits.map((hit) => ({ json: hitAsJson(hit) }));
				const timings = {
					embedMs: Math.round((embedded - started) * 10) / 10,
					searchMs: Math.round((performance.now() - embedded) * 10) / 10,
				};
				return { json: { question, hits: hits.map(hitAsJson), searchTimings: timings } };
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
