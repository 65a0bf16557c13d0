import { withoutMarks } from './passageText';
import { createSlicer } from '../support';
import { AnsweringError } from './errors';
import type { BuiltinAnswer, BuiltinTier, Passage } from '../engine';
import { type QuotableSentence, quotableSentences } from './quotable';
import { answerFitOf, LEAST_FIT } from './answerFit';
import { type Embedding, likenessOf, wordShares } from './similarity';

/** Sentences quoted at most; a reader wants the answer, the passages are there for the rest. */
const MOST_SENTENCES = 3;
/** A further sentence must be nearly as good as the best. */
const NEAR_BEST = 0.8;
export const DOES_NOT_KNOW = 'The passages do not answer this question.';

/**
 * The answerer that needs no engine: it quotes the sentences of the passages that fit the question best (likeness of the
 * built-in vectors, shared words weighted by rarity, and the kind of answer that is asked for) and cites them as [n], counted from 1; when nothing fits, it says
 * so. It writes nothing of its own.
 *
 * @param embed vectors of the built-in model
 * @example const answer = createExtractiveAnswerer(embed); await answer([{ text: 'Paris is in France.' }], 'Where is Paris?')
 */
export function createExtractiveAnswerer(embed: Embedding): NonNullable<BuiltinTier['answer']> {
	return async (passages: readonly Passage[], question: string, call = {}): Promise<BuiltinAnswer> => {
		if (question.trim() === '') throw new AnsweringError('invalidRequest', 'There is no question to answer.');
		const sentences = quotableSentences(passages);
		if (sentences.length === 0) return { text: DOES_NOT_KNOW, cited: [], found: false };
		const texts = sentences.map(({ text }) => text);
		const [wanted, ...vectors] = await embed([question, ...texts], call);
		const shares = wordShares(question, texts);
		const turn = createSlicer();
		const fitOf = answerFitOf(question, passages);
		const ranked: { sentence: QuotableSentence; fit: number }[] = [];
		for (const [i, sentence] of sentences.entries()) {
			await turn();
			const likeness = likenessOf(wanted, vectors[i]);
			ranked.push({ sentence, fit: fitOf({ ...sentence, share: shares[i] ?? 0, likeness }) });
		}
		ranked.sort((a, b) => b.fit - a.fit);
		const [best] = ranked;
		if (best === undefined || best.fit < LEAST_FIT) {
			return { text: DOES_NOT_KNOW, cited: [], found: false };
		}
		const chosen = ranked.slice(0, MOST_SENTENCES).filter(({ fit }) => fit >= best.fit * NEAR_BEST);
		return quote(chosen.map(({ sentence }) => sentence));
	};
}

/** The best sentence leads, the others follow in the order of the passages; each is followed by its citation. */
function quote(chosen: readonly QuotableSentence[]): BuiltinAnswer {
	const [first, ...others] = chosen;
	if (first === undefined) return { text: DOES_NOT_KNOW, cited: [], found: false };
	others.sort((a, b) => a.passage - b.passage || a.order - b.order);
	const unique = [first, ...others].filter(
		(sentence, i, all) => all.findIndex(({ text }) => text === sentence.text) === i,
	);
	return {
		text: unique.map(({ text, passage }) => `${withoutMarks(text)} [${passage + 1}]`).join(' '),
		cited: [...new Set(unique.map(({ passage }) => passage))],
		found: true,
	};
}
