/*
 * Keyword search compares terms, and both back ends get them from here, so that they agree on what a word is.
 */
import { isFunctionWord } from './functionWords';
import { readTerms, type TermKind } from './read';

export { TermLines } from './line';

/**
 * Which analysis the terms of an index are made by; stored with the index. A change of what `termsOf` returns is a new
 * number: questions must be read as the rows were.
 */
export const KEYWORD_ANALYSIS = 1;

/** A term of a question with what it counts, relative to a word. */
export interface QueryTerm {
	readonly term: string;
	readonly weight: number;
}

/** A code of a question: the term that rows with it have, and the one that rows with codes of the same look have. */
export interface CodeTerms {
	readonly code: string;
	readonly shape: string;
}

/**
 * Measured with XQuAD, Cranfield, CISI and CACM (docs/vector-index.md). A word with an umlaut is looked for in two spellings, of which a
 * row mostly has both; a character that is part of a pair is asked for by the pair.
 */
const WEIGHTS: { readonly [kind in TermKind]: number } = {
	word: 1,
	stem: 1,
	respelled: 0.6,
	pair: 1,
	character: 0,
	syllable: 0.5,
	shape: 0,
};
/**
 * Measured with JaQuAD and XQuAD. Japanese writes particles and endings in hiragana, words mostly in other characters; a Chinese
 * character that is found alone is part of the same word in another form ("会議室", "会議").
 */
const EASTERN = { kana: 0.2, ending: 0.5, ideograph: 0.5 };
const KANA = /^\p{sc=Hira}+$/u;
const ENDED = /\p{sc=Hira}/u;
const IDEOGRAPH = /^\p{sc=Han}$/u;
/** In a sentence only: whoever types a word wants that word. */
const SENTENCE = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]{8}/u;
/** "What is the …" says little of what is looked for; left out, "The Who" would find nothing. 0.1 and 0.5 are as good. */
const FUNCTION_WORD = 0.2;
/** A 10,000-character question has its say with its first words. */
const MAX_QUERY_TERMS = 256;

/** The terms of a text in order, with repetitions. */
export function termsOf(text: string): string[] {
	const terms: string[] = [];
	readTerms(text, (term) => terms.push(term));
	return terms;
}

/** The distinct terms of a question. */
export function queryTermsOf(text: string): QueryTerm[] {
	const weights = new Map<string, number>();
	const question = text.slice(0, MAX_QUESTION);
	const isSentence = SENTENCE.test(question);
	readTerms(question, (term, kind, word) => {
		if (weights.size === MAX_QUERY_TERMS && !weights.has(term)) return;
		const weight = isFunctionWord(word) ? FUNCTION_WORD : weightOf(term, kind, isSentence);
		if (weight > (weights.get(term) ?? 0)) weights.set(term, weight);
	});
	return [...weights].map(([term, weight]) => ({ term, weight }));
}

function weightOf(term: string, kind: TermKind, isSentence: boolean): number {
	if (kind === 'character' && isSentence && IDEOGRAPH.test(term)) return EASTERN.ideograph;
	if (kind === 'pair' && KANA.test(term)) return EASTERN.kana;
	if (kind === 'pair' && ENDED.test(term)) return EASTERN.ending;
	return WEIGHTS[kind];
}

/** More than MAX_QUERY_TERMS words of any language. */
const MAX_QUESTION = 20_000;
const MAX_CODES = 8;

/** The codes of a question: letters with digits, and numbers of five digits and more. */
export function codesOf(text: string): CodeTerms[] {
	const codes = new Map<string, CodeTerms>();
	readTerms(text.slice(0, MAX_QUESTION), (term, kind, word) => {
		if (kind === 'shape' && codes.size < MAX_CODES) codes.set(word, { code: word, shape: term });
	});
	return [...codes.values()];
}
