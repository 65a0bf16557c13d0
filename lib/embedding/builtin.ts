import { AccurateEmbedder, type AccurateOptions } from './accurateEmbedder';
import { ENCODER_NAME } from './encoderModel';
import { EmbeddingError } from './errors';
import { FastEmbedder } from './fast/fastEmbedder';
import type { Embedder } from './types';

/**
 * `fast`: static-minilm-256, 256 dimensions, in this process, thousands of chunks a second.
 * `accurate`: minilm-int8, 384 dimensions, a sentence encoder in a process of its own, some 36 chunks of 400 characters
 * a second on one core, about 400 MB while it works.
 */
export type BuiltinTier = 'fast' | 'accurate';

/** `tier` defaults to `fast`; the other options are those of the accurate tier. */
export interface BuiltinOptions extends AccurateOptions {
	readonly tier?: BuiltinTier;
}

/**
 * An embedder that needs no engine and no network; its files come with the package. Nothing is loaded before first
 * use. Vectors of the two tiers never belong in one index (their fingerprints differ).
 *
 * @example
 * const embedder = builtinEmbedder({ tier: 'accurate' });
 * for await (const { vector } of embedder.embedDocuments(['a text', 'another'])) …
 */
export function builtinEmbedder({ tier = 'fast', ...options }: BuiltinOptions = {}): Embedder {
	switch (tier) {
		case 'fast':
			return new FastEmbedder();
		case 'accurate':
			return new AccurateEmbedder(options);
		default:
			throw new EmbeddingError('invalidOptions', `There is no built-in embedding tier "${String(tier)}".`);
	}
}

/** The tier an existing index was built with, by the model its settings name; undefined for an engine's model. */
export function builtinTierOf(model: string): BuiltinTier | undefined {
	if (model === new FastEmbedder().model) return 'fast';
	return model === ENCODER_NAME ? 'accurate' : undefined;
}
