import { StringDecoder } from 'node:string_decoder';

export interface Line {
	/** From 1. */
	readonly number: number;
	/** Without the line end; undefined when the line is longer than allowed. */
	readonly text: string | undefined;
}

/** Longest line that is read, in characters: no record or row of ours comes near, and lines are held in memory whole. */
export const MAX_LINE = 16 * 1024 * 1024;

/**
 * Lines of UTF-8 bytes, ended by \n or \r\n alone. (node:readline also ends lines at U+2028, which JSON may hold.)
 * Time is linear, memory bounded by `maxLength` characters and one piece of the input, whatever the input. A line that is
 * too long comes without its text as soon as that is known, so that a reader who refuses it need not wait for its end;
 * one who reads on gets the line behind it.
 *
 * @param maxLength characters; the bytes are read piece by piece as their source gives them
 */
export async function* readLines(
	bytes: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
	maxLength = MAX_LINE,
): AsyncGenerator<Line> {
	const decoder = new StringDecoder('utf8');
	let number = 1;
	let rest = '';
	let skipping = false;
	for await (const piece of bytes) {
		const text =
			typeof piece === 'string'
				? piece
				: decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
		let start = 0;
		for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
			if (!skipping) {
				const fits = rest.length + end - start <= maxLength;
				yield { number, text: fits ? withoutReturn(rest + text.slice(start, end)) : undefined };
			}
			number++;
			rest = '';
			skipping = false;
			start = end + 1;
		}
		if (skipping) continue;
		// Only the new piece is searched and copied: going through all of a long line again at each piece would be quadratic.
		rest = start === 0 ? rest + text : text.slice(start);
		if (rest.length > maxLength) {
			yield { number, text: undefined };
			rest = '';
			skipping = true;
		}
	}
	rest += decoder.end();
	if (!skipping && rest !== '') yield { number, text: rest };
}

function withoutReturn(line: string): string {
	return line.endsWith('\r') ? line.slice(0, -1) : line;
}
