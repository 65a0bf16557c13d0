import type { PassageQuote } from '../engine';
import type { Citation, Quote } from './citations';
import { quotableSentences } from './quotable';
import { splitSentences } from './sentences';
import { wordShares } from './similarity';

/** Share of a statement's words that a sentence must have to be shown as what it rests on. */
const LEAST_SHARE = 0.3;
/** Sentences of an answer that are looked at. */
const MOST_STATEMENTS = 200;

/**
 * The citations with the sentence that each rests on: what was quoted, else the sentence of the passage that has most words of a
 * statement that cites it. A citation stays without a quote where no sentence has enough of them.
 *
 * @param quoted what the built-in answerer quoted
 */
export function withQuotes(
	answer: string,
	citations: readonly Citation[],
	quoted: readonly PassageQuote[] = [],
): Citation[] {
	const statements = [...take(splitSentences(answer), MOST_STATEMENTS)].map(({ text }) => text);
	return citations.map(({ pageStarts, slideStarts, sheetStarts, sheetNames, ...citation }) => {
		const own = quoted.find(({ passage }) => passage + 1 === citation.marker);
		const quote =
			own ??
			bestSentence(
				citation.text,
				statements.filter((text) => text.includes(`[${citation.marker}]`)),
			);
		if (quote === undefined) return citation;
		const { text, start, end } = quote;
		const offset = citation.start ?? 0;
		return {
			...citation,
			...partOf(citation, 'page', offset + start, pageStarts),
			...partOf(citation, 'slide', offset + start, slideStarts),
			...sheetOf(offset + start, sheetStarts, sheetNames),
			quote: { text, start: offset + start, end: offset + end },
		};
	});
}

/** The page or slide on which a quote begins, where it is a later one than that of the passage. */
function partOf(
	citation: Citation,
	field: 'page' | 'slide',
	start: number,
	starts: readonly number[] = [],
): Pick<Citation, 'page' | 'slide'> {
	const first = citation[field];
	const further = starts.filter((at) => at <= start).length;
	return typeof first === 'number' && further > 0 ? { [field]: first + further } : {};
}

/** The sheet in which a quote begins, where it is a later one than that of the passage. */
function sheetOf(
	start: number,
	starts: readonly number[] = [],
	names: readonly string[] = [],
): Pick<Citation, 'sheet'> {
	const sheet = names[starts.filter((at) => at <= start).length - 1];
	return sheet === undefined ? {} : { sheet };
}

function bestSentence(passage: string, statements: readonly string[]): Quote | undefined {
	const sentences = quotableSentences([{ text: passage }]);
	const texts = sentences.map(({ text }) => text);
	let best: { readonly share: number; readonly at: number } | undefined;
	for (const statement of statements)
		for (const [at, share] of wordShares(statement, texts).entries())
			if (share >= LEAST_SHARE && share > (best?.share ?? 0)) best = { share, at };
	return best && sentences[best.at];
}

function* take<T>(list: Iterable<T>, most: number): Generator<T> {
	let taken = 0;
	for (const entry of list) {
		if (taken++ >= most) return;
		yield entry;
	}
}
