import { EmbeddingError } from './errors';
import { FastEmbedder } from './fastEmbedder';
import type { Embedder } from './types';

export interface BuiltinOptions {
	/** `fast`: static-minilm-256, 256 dimensions, in process. Default `fast`. */
	readonly tier?: 'fast';
}

/**
 * An embedder that needs no engine and no network; its files come with the package. Nothing is loaded before first use.
 *
 * @example
 * const embedder = builtinEmbedder({ tier: 'fast' });
 * for await (const { vector } of embedder.embedDocuments(['a text', 'another'])) …
 */
export function builtinEmbedder({ tier = 'fast' }: BuiltinOptions = {}): Embedder {
	if (tier !== 'fast')
		throw new EmbeddingError('invalidOptions', `There is no built-in embedding tier "${String(tier)}".`);
	return new FastEmbedder();
}
