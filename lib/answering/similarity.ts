import type { BuiltinTier } from '../engine';
import { cosine } from '../support';

/** Handed in by whoever has the built-in model: unit vectors, or zero where no word is known. */
export type Embedding = (
	texts: readonly string[],
	call?: { readonly signal?: AbortSignal },
) => Promise<readonly Float32Array[]>;

/** How much shared words count beside the likeness of the vectors; see docs/engines.md for how it was chosen. */
const WORD_SHARE = 0.5;

/** The most frequent English, German, French and Spanish words say nothing about what a text is about. */
const COMMON = new Set(
	(
		'the a an and or of to in on at for with by from is are was were be been it its this that these those as not no do does did has have had what which who whom when where why how can could will would should may about into than then there their they he she his her we our you your i my me us ' +
		'der die das ein eine einer eines einem einen und oder von zu zum zur im in am auf für mit bei aus ist sind war waren wie was wer wo wann warum nicht kein keine den dem des es er sie wir ihr ' +
		'le la les un une des et ou de du en dans sur pour avec par est sont qui que quoi où quand comment pas ' +
		'el los las una unos y o del en con por para es son qué quién cuándo cómo no'
	).split(' '),
);

/** The words of a text that carry meaning, lower case, without accents, shortened to a crude stem. */
export function termsOf(text: string): string[] {
	const words =
		text
			.normalize('NFKD')
			.replace(/\p{M}/gu, '')
			.toLowerCase()
			.match(/[\p{L}\p{N}]+/gu) ?? [];
	return words
		.filter((word) => !COMMON.has(word) && (word.length > 1 || /\p{N}|\p{Script=Han}/u.test(word)))
		.map(stem);
}

/** Cuts plural and verb endings: enough to match "engines" with "engine"; not a linguist's stemmer. */
function stem(word: string): string {
	if (word.length <= 4) return word;
	return word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ing|ed|es|s|en|er|e)$/, '');
}

/**
 * Share of the query's terms that a text has, rare terms weighing more (inverse document frequency over the texts at
 * hand), 0–1.
 */
export function keywordShares(query: string, texts: readonly string[]): number[] {
	const wanted = new Set(termsOf(query));
	const bags = texts.map((text) => new Set(termsOf(text)));
	if (wanted.size === 0) return texts.map(() => 0);
	const weight = new Map<string, number>();
	for (const term of wanted) {
		const having = bags.reduce((count, bag) => count + (bag.has(term) ? 1 : 0), 0);
		weight.set(term, Math.log(1 + (texts.length - having + 0.5) / (having + 0.5)) + 0.1);
	}
	const total = [...weight.values()].reduce((sum, w) => sum + w, 0);
	return bags.map((bag) => [...weight].reduce((sum, [term, w]) => sum + (bag.has(term) ? w : 0), 0) / total);
}

/**
 * The reranker that needs no engine: scores documents by likeness of the built-in vectors plus the words they share with the
 * query. Scores are 0–1.5, comparable within one call.
 *
 * @param embed vectors of the built-in model
 */
export function createSimilarityReranker(embed: Embedding): NonNullable<BuiltinTier['rerank']> {
	return async (query, documents, call) => {
		const [queryVector, ...vectors] = await embed([query, ...documents], call);
		const shares = keywordShares(query, documents);
		return documents.map((_, index) => {
			const likeness = Math.max(0, cosine(queryVector, vectors[index]));
			return { index, score: likeness + WORD_SHARE * (shares[index] ?? 0) };
		});
	};
}
