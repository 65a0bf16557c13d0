import type { ISupplyDataFunctions, SupplyData } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { shown } from '../shared/langchain/runPanel';
import { vectorStoreOf } from '../shared/langchain/store';
import { itemOf } from '../shared/runtime/run';
import { fieldsOf } from './fields';
import { openSearcher } from './search';

/** "As Vector Store": an instance of n8n's own VectorStore class for retrievers, chains and tools. */
export async function supplyStore(context: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
	const item = itemOf(context, fieldsOf('retrieve'), itemIndex);
	const { index, embedder, filter, search } = await openSearcher(item, context);
	const store = vectorStoreOf({
		index,
		embedder,
		filter,
		call: { signal: context.getExecutionCancelSignal() },
		search: async (question, settings) =>
			await shown(context, itemIndex, {
				connection: NodeConnectionTypes.AiVectorStore,
				input: { question, ...settings },
				event: 'ai-vector-store-searched',
				work: () => search(question, settings),
				output: (hits) => ({
					response: hits.map(({ text, source, score, start, end }) => ({ text, source, score, start, end })),
				}),
			}),
	});
	return { response: store };
}
