import { termsOf } from './words';

/*
 * How well a sentence answers a question, without a model that reads. Chosen with the 220 questions of the Chroma chunking
 * study (docs/retrieval.md): of weights of words from 0.5 to 0.8, of the passage's place from 0.025 to 0.2, and of the kind of
 * answer from 0 to 0.1. Names that are missing, and the sentence's length, were tried and gained nothing.
 */

/** Share of the question's words, rare ones counting more, against likeness of the vectors. */
const WORDS = 0.7;
/** What the first passage is worth; the second is worth half of it, and so on: whoever searched found it nearer to the question. */
const PLACE = 0.1;
/** Whether a sentence holds the kind of answer that is asked for. */
const KIND = 0.05;
/**
 * What is taken off for words of the question that no passage has, by their share. A long question has words that an answer does
 * without; of two or three words none can be missing ("the emperor of Japan" is not answered by what is said about Japan).
 */
const MISSING = 0.2;
const MISSING_OF_FEW = 0.4;
const FEW = 3;
/**
 * Fit below which the best sentence is taken for no answer. Of those 220 questions, with the answer among the passages, it keeps
 * 61 % right (of 68 % without a limit); where only the neighbours of the answer are left it refuses 47 %, where the passages are of
 * another document all.
 */
export const LEAST_FIT = 0.28;

/** Questions for a number or a date begin so, in the languages that most people write in. */
const ASKS_NUMBER = [
	/\bhow (?:many|much|long|often|old|far|high|large|big|tall)\b|^when\b/iu,
	/\bwhat (?:year|date|percentage|percent|number|amount|proportion|share)\b/iu,
	/\bwie ?(?:viel|lange|oft|alt|hoch|groß|gross)|^wann\b|\bcombien\b|^quand\b|\bhoeveel\b/iu,
	/\bcu[aá]nt[oa]s?\b|cu[aá]ndo\b|\bquant[oiea]s?\b|\bkaç\b|\bne zaman\b|^ile\b|^kiedy\b/iu,
	/сколько|когда|скільки|коли|πόσ|πότε|كم|متى|कितन|कब|กี่|เมื่อ|몇|언제/iu,
	/多少|几|幾|何(?:人|年|時|日|歳|円|つ)|いくつ|いつ/u,
];
const HAS_NUMBER =
	/\p{N}|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|hundred|thousand|million|billion|half|dozen)\b|[一二三四五六七八九十百千万億]/iu;

export interface SentenceFeatures {
	/** Share of the question's words that the sentence has, 0–1. */
	readonly share: number;
	/** Likeness of question and sentence, 0–1. */
	readonly likeness: number;
	/** Place of its passage, from 0. */
	readonly passage: number;
	readonly text: string;
}

/** How well sentences answer a question, up to about 1.15; comparable between questions. */
export function answerFitOf(
	question: string,
	passages: readonly { readonly text: string; readonly source?: string }[],
): (sentence: SentenceFeatures) => number {
	const asked = question.trim();
	const asksNumber = ASKS_NUMBER.some((pattern) => pattern.test(asked));
	const missing = missingOf(asked, passages);
	return ({ share, likeness, passage, text }) => {
		const kind = asksNumber ? (HAS_NUMBER.test(text) ? KIND : -KIND) : 0;
		return WORDS * share + (1 - WORDS) * likeness + PLACE / (1 + passage) + kind - missing;
	};
}

/** The name of a document says what it is about. */
function missingOf(
	question: string,
	passages: readonly { readonly text: string; readonly source?: string }[],
): number {
	const wanted = termsOf(question);
	if (wanted.size === 0) return 0;
	const left = new Set(wanted);
	for (const { text, source = '' } of passages)
		for (const term of termsOf(`${source} ${text}`)) left.delete(term);
	return (wanted.size <= FEW ? MISSING_OF_FEW : MISSING) * (left.size / wanted.size);
}
