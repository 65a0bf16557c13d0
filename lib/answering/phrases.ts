// Words and phrases looked for in a text without patterns, so that the time stays linear in the text.

/** The words of a text in lower case without accents, each with a blank on both sides: " how many jobs ". */
export function spaced(text: string): string {
	const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
	return ` ${(plain.match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')} `;
}

/**
 * Words that a list names: separated by commas, "a b" follow each other, "a*" begins a word, "^a" begins the text, "~a" stands
 * anywhere (scripts without blanks).
 *
 * @param text as {@link spaced} gives it
 * @example says(spaced('How many?'), phrases('how many, combien')) // true
 */
export const says = (text: string, list: readonly Phrase[]): boolean =>
	list.some(({ part, isStart }) => (isStart ? text.startsWith(part) : text.includes(part)));

interface Phrase {
	readonly part: string;
	readonly isStart: boolean;
}

/** Reads a list for {@link says}. Written with or without accents. */
export const phrases = (...lists: readonly string[]): readonly Phrase[] =>
	lists
		.flatMap((list) => list.split(','))
		.map((entry) => {
			const written = entry.trim();
			const isStart = written.startsWith('^');
			const words = written.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss');
			if (words.startsWith('~')) return { part: words.slice(1), isStart };
			const bare = isStart ? words.slice(1) : words;
			if (bare.endsWith('*')) return { part: ` ${bare.slice(0, -1)}`, isStart };
			return { part: ` ${bare} `, isStart };
		});
