import { builtinEmbedder, type BuiltinOptions } from './builtin';
import { EngineEmbedder } from './engineEmbedder';
import type { EngineEmbedderOptions } from './engineOptions';
import type { Embedder } from './types';

/**
 * An embedder over the engines of a pool, or the built-in one.
 *
 * @example
 * const embedder = createEmbedder({ pool, model: 'nomic-embed-text', onTooLong: 'truncate' });
 * const question = await embedder.embedQuery('How long is the warranty?');
 *
 * Rejects with EmbeddingError, or with the pool's EngineError as it is.
 */
export function createEmbedder(
	options: EngineEmbedderOptions | { readonly builtin: BuiltinOptions },
): Embedder {
	return 'builtin' in options ? builtinEmbedder(options.builtin) : new EngineEmbedder(options);
}
