import { splitSentences, type Sentence } from './sentences';

/** A sentence of a passage that may be quoted in an answer. */
export interface QuotableSentence {
	/** On one line, at most {@link LONGEST} characters. */
	readonly text: string;
	/** Position of its passage. */
	readonly passage: number;
	/** Position within its passage. */
	readonly order: number;
}

const SHORTEST = 12;
const LONGEST = 600;
/** Sentences of prose are seldom as long: such a one is looked at again. */
const LONG = 300;
const STOP = /(?<=[.!?…。！？])\s/u;
/** A question is no answer. */
const QUESTION = /[?？؟]["”’»)\]]?$/u;
/** Passages are a handful of chunks; more sentences than this are not an answer's material but a corpus. */
const MOST_SENTENCES = 2_000;

/** The sentences of passages that an answer may be made of: whole sentences of prose and table rows, not headings or questions. */
export function quotableSentences(passages: readonly { readonly text: string }[]): QuotableSentence[] {
	const sentences: QuotableSentence[] = [];
	for (const [passage, { text }] of passages.entries()) {
		let order = 0;
		for (const sentence of splitSentences(text)) {
			if (sentence.kind === 'heading') continue;
			for (const line of wholeSentences(onOneLine(sentence))) {
				if (line.length < SHORTEST || !/\p{L}/u.test(line) || QUESTION.test(line)) continue;
				if (sentences.length === MOST_SENTENCES) return sentences;
				sentences.push({ text: line, passage, order: order++ });
			}
		}
	}
	return sentences;
}

/** Where no capitals follow the full stops, several sentences are taken for one. What is too long then is not quoted in part. */
function wholeSentences(line: string): string[] {
	if (line.length <= LONG) return [line];
	return line.split(STOP).filter((part) => part.length <= LONGEST);
}

function onOneLine({ text, kind }: Sentence): string {
	return (kind === 'row' ? text.replaceAll('|', ' ') : text).replace(/\s+/g, ' ').trim();
}
