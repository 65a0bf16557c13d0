import type { BuiltinAnswer, BuiltinTier, Passage } from '../engine';
import { limitOf, rankedByFit } from './answerFit';
import { AnsweringError } from './errors';
import { withoutMarks } from './passageText';
import { type QuotableSentence, quotableSentences } from './quotable';
import { type AnswerReader, readSentences } from './reading';

/** Sentences quoted at most; a reader wants the answer, the passages are there for the rest. */
const MOST_SENTENCES = 3;
/** A further sentence must be nearly as good as the best. */
const NEAR_BEST = 0.85;
export const DOES_NOT_KNOW = 'The passages do not answer this question.';

/**
 * The answerer that needs no engine: it quotes the sentences of the passages that answer the question best (likeness by the multilingual
 * model, shared words, and the kind of answer that is asked for) and cites them as [n], counted from 1; when none is likely enough, it says so. It
 * writes nothing of its own.
 *
 * @param readerOf the multilingual model; asked for at the first question
 * @example const answer = createExtractiveAnswerer(() => builtinEmbedder({ tier: 'multilingual' }));
 * await answer([{ text: 'Paris is in France.' }], 'Where is Paris?')
 */
export function createExtractiveAnswerer(readerOf: () => AnswerReader): NonNullable<BuiltinTier['answer']> {
	return async (passages: readonly Passage[], question: string, call = {}): Promise<BuiltinAnswer> => {
		if (question.trim() === '') throw new AnsweringError('invalidRequest', 'There is no question to answer.');
		if (!saysSomething(question)) return NOTHING;
		const sentences = quotableSentences(passages);
		if (sentences.length === 0) return NOTHING;
		const read = await readSentences(readerOf(), question, passages, sentences, call);
		const ranked = rankedByFit(question, passages, read);
		const [best] = ranked;
		if (best === undefined || best.sureness < limitOf(call.onlyWhenSure)) return NOTHING;
		const chosen = ranked.slice(0, MOST_SENTENCES).filter(({ fit }) => fit >= best.fit * NEAR_BEST);
		return quote(chosen.map(({ candidate }) => candidate));
	};
}

const NOTHING: BuiltinAnswer = { text: DOES_NOT_KNOW, cited: [], quotes: [], found: false };

/** A word, a code, a character that is a word, or a number of three digits. Many sentences hold a "5", and none of them answers it. */
const saysSomething = (question: string): boolean =>
	/\p{L}[\p{L}\p{M}\p{N}]|\p{N}(?:\p{L}|\p{N}{2})|[\p{Script=Han}\p{Script=Hangul}]/u.test(
		question.normalize('NFKC'),
	);

/** The best sentence leads, the others follow in the order of the passages; each is followed by its citation. */
function quote(chosen: readonly QuotableSentence[]): BuiltinAnswer {
	const [first, ...others] = chosen;
	if (first === undefined) return NOTHING;
	others.sort((a, b) => a.passage - b.passage || a.order - b.order);
	const unique = [first, ...others].filter(
		(sentence, i, all) => all.findIndex(({ text }) => text === sentence.text) === i,
	);
	return {
		text: unique.map(({ text, passage }) => `${withoutMarks(text)} [${passage + 1}]`).join(' '),
		cited: [...new Set(unique.map(({ passage }) => passage))],
		quotes: unique.map(({ text, passage, start, end }) => ({ text, passage, start, end })),
		found: true,
	};
}
