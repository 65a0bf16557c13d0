import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { forEachItem } from '../shared/runtime/items';
import { scoredDocument } from '../shared/langchain/storeDocuments';
import { openSearcher } from './search';

/** "Get Many": the best passages of each item's question, as n8n's own stores give them. */
export async function loadDocuments(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(context, async ({ itemIndex }) => {
		const searcher = await openSearcher(context, itemIndex);
		const question = context.getNodeParameter('queryText', itemIndex) as string;
		const limit = context.getNodeParameter('topK', itemIndex) as number;
		const hits = await searcher.search(question, { limit });
		context.logAiEvent('ai-vector-store-searched');
		return hits.map((hit) => {
			const [{ id, pageContent, metadata }, score] = scoredDocument(hit);
			return { json: { document: { id, pageContent, metadata: metadata as IDataObject }, score } };
		});
	});
}
