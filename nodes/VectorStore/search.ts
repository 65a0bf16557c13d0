import { NodeConnectionTypes } from 'n8n-workflow';
import type { Embedder } from '../../lib/embedding';
import { type Filter, type Hit, IndexError, type Rerank, type VectorIndex } from '../../lib/vectorIndex';
import { embedderOfIndex } from '../shared/runtime/embedders';
import { enginesFor } from '../shared/runtime/engines';
import { objectParameter, textAt } from '../shared/runtime/values';
import { openIndexFor } from '../shared/runtime/indexes';
import { searchSettings } from '../shared/runtime/searchSettings';
import { embedderBehind, embedderFrom } from '../shared/langchain/embeddings';
import { rerankFrom } from '../shared/langchain/reranker';
import type { StoreSearch } from '../shared/langchain/store';
import type { StoreContext } from './context';

const MAX_QUERY_CHARACTERS = 4000;

/** An index opened for questions, and how the node's fields say that they are asked. */
export interface Searcher {
	readonly index: VectorIndex;
	readonly embedder: Embedder;
	readonly filter: Filter | undefined;
	/** @throws InputError for an empty or overlong question; IndexError; the errors of engines */
	readonly search: (question: string, settings: StoreSearch) => Promise<Hit[]>;
}

/** @throws IndexError `notFound` when there is no such index; InputError when a field is wrong */
export async function openSearcher(context: StoreContext, itemIndex: number): Promise<Searcher> {
	const signal = context.getExecutionCancelSignal();
	const index = await openIndexFor(context, itemIndex);
	const { embedder, known } = await embedderOf(context, itemIndex, index);
	const options = context.getNodeParameter('options', itemIndex, {});
	const filter = objectParameter(context, 'options.filter', itemIndex, 'The filter') as Filter;
	const mode = modeOf(context.getNodeParameter('searchMode', itemIndex, 'hybrid'));
	const rerank = await rerankerOf(context, itemIndex);
	const own = Object.keys(filter).length === 0 ? undefined : filter;
	return {
		index,
		embedder,
		filter: own,
		search: async (question, settings) => {
			const text = textAt({ question }, 'question', 'The question', MAX_QUERY_CHARACTERS);
			const asked =
				mode === 'keyword'
					? {}
					: {
							vector: await embedder.embedQuery(text, { signal }),
							...(known && { fingerprint: (await embedder.fingerprint({ signal })).id }),
						};
			return await index.search(
				{ ...searchSettings(options), ...settings, filter: settings.filter ?? own, text, mode, ...asked },
				{ signal, rerank },
			);
		},
	};
}

const modeOf = (value: unknown) => (value === 'keyword' || value === 'vector' ? value : 'hybrid');

/** `known`: the model can say its fingerprint without a request; others are told apart by their name alone. */
async function embedderOf(
	context: StoreContext,
	itemIndex: number,
	index: VectorIndex,
): Promise<{ readonly embedder: Embedder; readonly known: boolean }> {
	const { model } = await index.settings();
	if (context.getNodeParameter('queryEmbedding', itemIndex, 'index') !== 'connected') {
		return { embedder: await embedderOfIndex(context, model, itemIndex), known: true };
	}
	const embeddings = await context.getInputConnectionData(NodeConnectionTypes.AiEmbedding, itemIndex);
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

async function rerankerOf(context: StoreContext, itemIndex: number): Promise<Rerank | undefined> {
	const choice = context.getNodeParameter('rerank', itemIndex, 'none');
	if (choice === 'connected') {
		return rerankFrom(await context.getInputConnectionData(NodeConnectionTypes.AiReranker, itemIndex));
	}
	if (choice !== 'own') return undefined;
	const engines = await enginesFor(context, itemIndex);
	return async (query, documents, call) =>
		await engines.rerank(query, documents, {}, { signal: call?.signal });
}
