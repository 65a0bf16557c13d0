import { EncoderEmbedder, type EncoderOptions } from './encoderEmbedder';
import { englishEncoder, multilingualEncoder } from './encoderModel';
import { ENGLISH, MULTILINGUAL } from './encoderNames';
import { EmbeddingError } from './errors';
import { FastEmbedder } from './fast/fastEmbedder';
import type { Embedder } from './types';

/**
 * `multilingual`: multilingual-e5-small, some 100 languages, 384 dimensions. `english`: minilm-int8, 384 dimensions, twice as fast.
 * Both are sentence encoders in a process of its own, with about 200 MB while it works.
 * `fast`: static-minilm-256, English, 256 dimensions, in this process, thousands of chunks a second.
 */
export type BuiltinTier = 'multilingual' | 'english' | 'fast';

/** `tier` defaults to `fast`; the other options are those of the encoders. */
export interface BuiltinOptions extends EncoderOptions {
	readonly tier?: BuiltinTier;
}

/**
 * An embedder that needs no engine and no network; its files come with the package. Nothing is loaded before first
 * use. Vectors of two tiers never belong in one index (their fingerprints differ).
 *
 * @example
 * const embedder = builtinEmbedder({ tier: 'multilingual' });
 * for await (const { vector } of embedder.embedDocuments(['a text', 'another'])) …
 */
export function builtinEmbedder({ tier = 'fast', ...options }: BuiltinOptions = {}): Embedder {
	switch (tier) {
		case 'multilingual':
			return new EncoderEmbedder(multilingualEncoder, options);
		case 'english':
			return new EncoderEmbedder(englishEncoder, options);
		case 'fast':
			return new FastEmbedder();
		default:
			throw new EmbeddingError('invalidOptions', `There is no built-in embedding tier "${String(tier)}".`);
	}
}

/** The tier an existing index was built with, by the model its settings name; undefined for an engine's model. */
export function builtinTierOf(model: string): BuiltinTier | undefined {
	if (model === FastEmbedder.title) return 'fast';
	if (model === MULTILINGUAL) return 'multilingual';
	return model === ENGLISH ? 'english' : undefined;
}
