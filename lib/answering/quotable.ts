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
/** Passages are a handful of chunks; more sentences than this are not an answer's material but a corpus. */
const MOST_SENTENCES = 2_000;

/** The sentences of passages that an answer may be made of: prose and table rows, not headings. */
export function quotableSentences(passages: readonly { readonly text: string }[]): QuotableSentence[] {
	const sentences: QuotableSentence[] = [];
	for (const [passage, { text }] of passages.entries()) {
		let order = 0;
		for (const sentence of splitSentences(text)) {
			const line = onOneLine(sentence);
			if (sentence.kind === 'heading' || line.length < SHORTEST || !/\p{L}/u.test(line)) continue;
			if (sentences.length === MOST_SENTENCES) return sentences;
			sentences.push({ text: line.slice(0, LONGEST), passage, order: order++ });
		}
	}
	return sentences;
}

function onOneLine({ text, kind }: Sentence): string {
	return (kind === 'row' ? text.replaceAll('|', ' ') : text).replace(/\s+/g, ' ').trim();
}
