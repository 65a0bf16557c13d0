import { staticModel } from './fast/fastEmbedder';
import { wordPiece } from './modelFiles';
import type { StaticTokens } from './fast/staticModel';
import type { Tokens } from './wordpiece';

/** Tokens a BERT encoder adds around a text: [CLS] and [SEP]. */
export const SPECIAL_TOKENS = 2;

/**
 * Tokens of a text in the WordPiece vocabulary of the built-in models (BERT uncased). `special: true` counts [CLS] and
 * [SEP] too, as an encoder reads them. Synchronous, about 30 MB a second.
 */
export function countTokens(text: string, options: { readonly special?: boolean } = {}): number {
	return wordPiece().count(text) + (options.special ? SPECIAL_TOKENS : 0);
}

/** Ids and UTF-16 ranges of the tokens of a text, without special tokens; unknown words have id 100. */
export function tokenize(text: string): Tokens {
	return wordPiece().tokenize(text);
}

/**
 * The tokens of a text and access to their rows in the static model, for methods that need vectors of any range of a
 * text: add up the rows of its tokens (prefix sums make any range one subtraction) and normalise.
 *
 * @example
 * const { starts, ends, dimensions, addTo } = await staticTokenVectors(text);
 * const sum = new Float64Array(dimensions);
 * for (let i = first; i < last; i++) addTo(i, sum, 0);
 */
export async function staticTokenVectors(text: string): Promise<StaticTokens> {
	return (await staticModel()).tokens(text);
}
