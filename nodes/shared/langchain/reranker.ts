import type { DocumentInterface } from '@langchain/core/documents';
import type { Rerank } from '../../../lib/vectorIndex';
import { InputError } from '../runtime/errors';

/** What a reranker sub-node supplies: LangChain's document compressor. */
export interface SuppliedReranker {
	compressDocuments(documents: DocumentInterface[], query: string): Promise<DocumentInterface[]>;
}

/**
 * Any reranker sub-node as the last stage of a search. One that keeps only its best leaves the others out; one that
 * gives no score is taken by its order.
 *
 * @throws InputError when what is connected cannot rerank
 */
export function rerankFrom(reranker: unknown): Rerank {
	if (!isReranker(reranker)) {
		throw new InputError('What is connected as Reranker is no reranker node. Connect one that is.');
	}
	return async (query, documents) => {
		const sent = documents.map((pageContent, index) => ({ pageContent, metadata: { passage: index } }));
		const ranked = await reranker.compressDocuments(sent, query);
		return ranked.flatMap(({ metadata }, position) => {
			const { passage, relevanceScore } = metadata as { passage?: unknown; relevanceScore?: unknown };
			if (typeof passage !== 'number') return [];
			return [{ index: passage, score: typeof relevanceScore === 'number' ? relevanceScore : -position }];
		});
	};
}

const isReranker = (value: unknown): value is SuppliedReranker =>
	typeof value === 'object' &&
	value !== null &&
	'compressDocuments' in value &&
	typeof value.compressDocuments === 'function';
