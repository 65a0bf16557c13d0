import type { Rerank } from '../../../lib/vectorIndex';
import { enginesFor } from './engines';
import type { NodeItem } from './nodeItem';

/** The rerank model of the credential's engines, else the built-in one, as the last stage of a search. */
export async function rerankerFor(item: NodeItem): Promise<Rerank> {
	const engines = await enginesFor(item.context, item.index);
	return async (query, documents, call) =>
		await engines.rerank(query, documents, {}, { signal: call?.signal });
}
