import type { ISupplyDataFunctions } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import type { Embedder } from '../../../lib/embedding';
import { InputError } from '../runtime/errors';
import type { SuppliedEmbeddings } from './embeddings';
import { shown } from './runPanel';

/** So many texts, and so many numbers of a vector, are shown: n8n keeps what the panel shows with every execution. */
const SHOWN_TEXTS = 20;
const SHOWN_NUMBERS = 8;

/** Embeddings whose calls show in the run panel: the texts, and of the vectors what a person can use. */
export function shownEmbeddings(
	embeddings: SuppliedEmbeddings,
	embedder: Embedder,
	context: ISupplyDataFunctions,
	itemIndex: number,
): SuppliedEmbeddings {
	const connection = NodeConnectionTypes.AiEmbedding;
	const summary = (vectors: number[][]) => ({
		model: embedder.model,
		dimensions: vectors[0]?.length ?? 0,
		vectors: vectors.length,
		beginning: vectors[0]?.slice(0, SHOWN_NUMBERS) ?? [],
	});
	return {
		...embeddings,
		embedDocuments: async (texts) =>
			await shown(context, itemIndex, {
				connection,
				event: 'ai-document-embedded',
				input: { texts: texts.length, documents: texts.slice(0, SHOWN_TEXTS) },
				work: async () => await embeddings.embedDocuments(texts),
				output: (vectors) => ({ response: summary(vectors) }),
			}),
		embedQuery: async (query) =>
			await shown(context, itemIndex, {
				connection,
				event: 'ai-query-embedded',
				input: { query },
				work: async () => {
					if (typeof query !== 'string' || query.trim() === '')
						throw new InputError('The question is empty.');
					return await embeddings.embedQuery(query);
				},
				output: (vector) => ({ response: summary([vector]) }),
			}),
	};
}
