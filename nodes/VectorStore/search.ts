import { NodeConnectionTypes } from 'n8n-workflow';
import type { Embedder } from '../../lib/embedding';
import {
	type Filter,
	type Hit,
	IndexError,
	type Rerank,
	type SearchQuery,
	type VectorIndex,
} from '../../lib/vectorIndex';
import { embedderBehind, embedderFrom } from '../shared/langchain/embeddings';
import { rerankFrom } from '../shared/langchain/reranker';
import type { StoreSearch } from '../shared/langchain/store';
import { embedderOfIndex } from '../shared/runtime/embedders';
import { openIndexFor } from '../shared/runtime/indexes';
import type { NodeItem } from '../shared/runtime/nodeItem';
import { checkedQuestion } from '../shared/runtime/question';
import { rerankerFor } from '../shared/runtime/rerank';
import { filterOf, searchSettings } from '../shared/runtime/searchSettings';
import type { StoreContext } from './context';

/** An index opened for questions, and how the node's fields say that they are asked. */
export interface Searcher {
	readonly index: VectorIndex;
	readonly embedder: Embedder;
	readonly filter: Filter | undefined;
	/** @throws InputError for an empty or overlong question; IndexError; the errors of engines */
	readonly search: (question: string, settings: StoreSearch) => Promise<Hit[]>;
}

/**
 * @param item what the node's fields say
 * @param context the node itself, for what is connected to it
 * @throws IndexError `notFound` when there is no such index; InputError when a field is wrong
 */
export async function openSearcher(item: NodeItem, context: StoreContext): Promise<Searcher> {
	const { signal } = item;
	const index = await openIndexFor(item);
	const { embedder, known } = await embedderOf(item, context, index);
	const own = searchSettings(item);
	const filter = filterOf(item, 'options.filter');
	const mode = item.choice<SearchQuery['mode']>('searchMode');
	const rerank = await rerankerOf(item, context);
	return {
		index,
		embedder,
		filter,
		search: async (question, settings) => {
			const text = checkedQuestion(question, 'question');
			const asked =
				mode === 'keyword'
					? {}
					: {
							vector: await embedder.embedQuery(text, { signal }),
							...(known && { fingerprint: (await embedder.fingerprint({ signal })).id }),
						};
			return await index.search(
				{ ...own, ...settings, filter: settings.filter ?? filter, text, mode, ...asked },
				{ signal, rerank },
			);
		},
	};
}

/** `known`: the model can say its fingerprint without a request; others are told apart by their name alone. */
async function embedderOf(
	item: NodeItem,
	context: StoreContext,
	index: VectorIndex,
): Promise<{ readonly embedder: Embedder; readonly known: boolean }> {
	const { model } = await index.settings();
	if (item.choice('queryEmbedding') !== 'connected') {
		return { embedder: await embedderOfIndex(context, model, item.index), known: true };
	}
	const embeddings = await context.getInputConnectionData(NodeConnectionTypes.AiEmbedding, item.index);
	const embedder = embedderFrom(embeddings);
	const known = embedderBehind(embeddings) !== undefined;
	if (!known && embedder.model !== model) {
		throw new IndexError(
			'fingerprintMismatch',
			`The connected embeddings node uses "${embedder.model}", but the index was created with "${model}". Connect that model, or build an index of its own with the new one.`,
		);
	}
	return { embedder, known };
}

async function rerankerOf(item: NodeItem, context: StoreContext): Promise<Rerank | undefined> {
	switch (item.choice('rerank')) {
		case 'connected':
			return rerankFrom(await context.getInputConnectionData(NodeConnectionTypes.AiReranker, item.index));
		case 'own':
			return await rerankerFor(item);
		default:
			return undefined;
	}
}
