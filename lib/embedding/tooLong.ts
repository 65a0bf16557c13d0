import { shortened } from '../support';
import { EmbeddingError } from './errors';
import type { OnTooLong } from './types';

/** More characters than this are not counted as one piece whatever the tokenizer says: a bound on the work per piece. */
const MAX_CHARACTERS_PER_TOKEN = 16;

export interface Fitted {
	/** Parts of the text, each within the bound; what is embedded. */
	readonly pieces: readonly string[];
	readonly flag?: 'truncated' | 'averaged';
}

/**
 * Makes a text fit into `maxTokens` as asked: `fail` throws `tooLong`, `truncate` keeps the beginning, `mean` cuts it
 * into pieces whose vectors are to be averaged.
 */
export function fitText(
	text: string,
	limit: {
		readonly maxTokens: number;
		readonly onTooLong: OnTooLong;
		readonly countTokens: (text: string) => number;
	},
): Fitted {
	const { maxTokens, onTooLong, countTokens } = limit;
	// A text has at least one token per MAX_CHARACTERS_PER_TOKEN characters for our purpose; saves counting megabytes.
	const fits = text.length <= maxTokens * MAX_CHARACTERS_PER_TOKEN && countTokens(text) <= maxTokens;
	if (fits) return { pieces: [text] };
	if (onTooLong === 'fail') {
		throw new EmbeddingError(
			'tooLong',
			`A text of ${text.length} characters ("${shortened(text, 40)}") is longer than the ${maxTokens} tokens the embedding model reads. Make the chunks smaller, or choose to truncate or to average over pieces.`,
		);
	}
	if (onTooLong === 'truncate')
		return { pieces: [text.slice(0, endOfPiece(text, 0, limit))], flag: 'truncated' };
	const pieces: string[] = [];
	for (let start = 0; start < text.length; ) {
		const end = endOfPiece(text, start, limit);
		pieces.push(text.slice(start, end));
		start = end;
	}
	return { pieces, flag: 'averaged' };
}

/** The last place where [start, place) fits, preferably after white space. */
function endOfPiece(
	text: string,
	start: number,
	{ maxTokens, countTokens }: { readonly maxTokens: number; readonly countTokens: (text: string) => number },
): number {
	let fits = start;
	let tooFar = Math.min(text.length, start + maxTokens * MAX_CHARACTERS_PER_TOKEN) + 1;
	while (tooFar - fits > 1) {
		const middle = (fits + tooFar) >> 1;
		if (countTokens(text.slice(start, middle)) <= maxTokens) fits = middle;
		else tooFar = middle;
	}
	if (fits >= text.length) return text.length;
	const word = text.slice(start, fits).search(/\s\S*$/);
	if (word > 0) return start + word + 1;
	// At least one character a piece, and no half surrogate pairs.
	const end = Math.max(fits, start + 1);
	const code = text.charCodeAt(end - 1);
	if (code >= 0xd800 && code < 0xdc00) return end - 1 > start ? end - 1 : end + 1;
	return end;
}
