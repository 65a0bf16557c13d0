import type { BuiltinTier } from '../engine';
import { cosine } from '../support';
import { rarityIn, shareOf, termsOf } from './words';

/** Handed in by whoever has the built-in model: unit vectors, or zero where no word is known. */
export type Embedding = (
	texts: readonly string[],
	call?: { readonly signal?: AbortSignal },
) => Promise<readonly Float32Array[]>;

/** Likeness of two vectors, 0–1; opposite ones are as little alike as unrelated ones. */
export const likenessOf = (a: Float32Array | undefined, b: Float32Array | undefined): number =>
	Math.max(0, cosine(a, b));

/** How well a text fits, 0–1: half the share of words, half the likeness of the vectors. Either alone separates far worse. */
export const fitOf = (share: number, likeness: number): number => (share + likeness) / 2;

/** For each text the share of the query's words that it has, 0–1. */
export function wordShares(query: string, texts: readonly string[]): number[] {
	const wanted = termsOf(query);
	const terms = texts.map(termsOf);
	const rarity = rarityIn(terms);
	return terms.map((each) => shareOf(wanted, each, rarity));
}

/**
 * The reranker that needs no engine: scores documents by likeness of the built-in vectors and the words they share with the
 * query. Scores are 0–1, comparable within one call.
 *
 * @param embed vectors of the built-in model
 */
export function createSimilarityReranker(embed: Embedding): NonNullable<BuiltinTier['rerank']> {
	return async (query, documents, call) => {
		const [wanted, ...vectors] = await embed([query, ...documents], call);
		const shares = wordShares(query, documents);
		return documents.map((_, index) => ({
			index,
			score: fitOf(shares[index] ?? 0, likenessOf(wanted, vectors[index])),
		}));
	};
}
