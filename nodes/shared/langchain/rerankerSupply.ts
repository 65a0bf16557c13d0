import type { DocumentInterface } from '@langchain/core/documents';
import type { IDataObject, ISupplyDataFunctions } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import type { CallOptions, EnginePool, RerankOptions } from '../../../lib/engine';
import type { SuppliedReranker } from './reranker';
import { shown } from './runPanel';

/**
 * The engines' rerank models (or the built-in tier) as LangChain's document compressor: the documents in their new order,
 * each with its score as `relevanceScore`, where n8n's stores look for it.
 */
export function rerankerOf(
	engines: EnginePool,
	options: RerankOptions,
	call: CallOptions,
	context: ISupplyDataFunctions,
	itemIndex: number,
): SuppliedReranker {
	return {
		compressDocuments: async (documents: DocumentInterface[], query: string) => {
			const { ranked } = await shown(context, itemIndex, {
				connection: NodeConnectionTypes.AiReranker,
				event: 'ai-document-reranked',
				input: { query, documents: documents.map(asJson) },
				work: async () => {
					const texts = documents.map(({ pageContent }) => pageContent);
					const results = await engines.rerank(query, texts, options, call);
					return {
						rerankedBy: results[0]?.engine ?? null,
						ranked: results.flatMap(({ index, score }) => {
							const document = documents[index];
							return document
								? [{ ...document, metadata: { ...document.metadata, relevanceScore: score } }]
								: [];
						}),
					};
				},
				output: ({ rerankedBy, ranked }) => ({ rerankedBy, response: ranked.map(asJson) }),
			});
			return ranked;
		},
	};
}

const asJson = ({ pageContent, metadata }: DocumentInterface): IDataObject => ({
	pageContent,
	metadata: { ...metadata } as IDataObject,
});
