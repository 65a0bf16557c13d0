import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { scoredDocument } from '../shared/langchain/storeDocuments';
import { explainFilter } from '../shared/runtime/filterHint';
import { forEachItem } from '../shared/runtime/items';
import { writtenQuestionOf } from '../shared/runtime/question';
import type { Run } from '../shared/runtime/run';
import { tellCoverage } from '../shared/runtime/vectorCoverage';
import { openSearcher } from './search';

/** "Get Many": the best passages of each item's question, as n8n's own stores give them. */
export async function loadDocuments(run: Run): Promise<INodeExecutionData[][]> {
	return await forEachItem(run, async (item) => {
		const searcher = await openSearcher(item, run.context);
		const hits = await searcher.search(writtenQuestionOf(item), { limit: item.number('topK') });
		await tellCoverage(run, searcher.index, item.choice('searchMode'));
		if (hits.length === 0) await explainFilter(run, searcher.index, searcher.filter);
		run.context.logAiEvent('ai-vector-store-searched');
		return hits.map((hit) => {
			const [{ id, pageContent, metadata }, score] = scoredDocument(hit);
			return { json: { document: { id, pageContent, metadata: metadata as IDataObject }, score } };
		});
	});
}
