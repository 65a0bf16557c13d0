import { mergePassages } from './passages';
import type { ExpectedPassage, Passage, Question } from './types';

/**
 * Adds to each expected passage the other places where the very same text stands: whoever retrieves a copy has the answer
 * too. Passages of a question that overlap become one first.
 *
 * @param texts every source's text by its name
 * @example withCopies([{ id: '1', text: 'Where is the key?', passages }], new Map([['keys.md', text]]))
 */
export function withCopies<Q extends Question>(
	questions: readonly Q[],
	texts: ReadonlyMap<string, string>,
): Q[] {
	return questions.map((question) =>
		question.passages
			? { ...question, passages: mergePassages(question.passages).map((passage) => copied(passage, texts)) }
			: question,
	);
}

function copied(passage: Passage, texts: ReadonlyMap<string, string>): ExpectedPassage {
	const { source, start, end } = passage;
	const wanted = texts.get(source)?.slice(start, end) ?? '';
	const copies: Passage[] = [];
	if (wanted !== '') {
		for (const [name, text] of texts) {
			for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length))
				if (name !== source || at !== start)
					copies.push({ source: name, start: at, end: at + wanted.length });
		}
	}
	return copies.length > 0 ? { source, start, end, copies } : { source, start, end };
}
