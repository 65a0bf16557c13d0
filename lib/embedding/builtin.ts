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
export function builtinEmbedder(_options: BuiltinOptions = {}): Embedder {
	return new FastEmbedder();
}
