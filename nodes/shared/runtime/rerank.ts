import type { Rerank } from '../../../lib/vectorIndex';
import { BUILTIN_NAME } from '../../../lib/engine';
import { enginesFor } from './engines';
import { InputError } from './errors';
import type { NodeItem } from './nodeItem';

/**
 * The rerank model of the credential's engines as the last stage of a search. The built-in model is none for that: hybrid
 * search has compared vectors and words already, and comparing them again found 2 points less (docs/retrieval.md).
 */
export async function rerankerFor(item: NodeItem): Promise<Rerank> {
	const engines = await enginesFor(item.context, item.index);
	return async (query, documents, call) => {
		const scores = await engines.rerank(query, documents, {}, { signal: call?.signal });
		if (scores.some(({ engine }) => engine === BUILTIN_NAME))
			throw new InputError(
				'Rerank needs an engine with a rerank model, and this node has none. Select a credential with such an engine, or turn off Rerank.',
			);
		return scores;
	};
}
