import { StringDecoder } from 'node:string_decoder';

export interface Line {
	/** From 1. */
	readonly number: number;
	/** Without the line end; undefined when the line was longer than allowed. */
	readonly text: string | undefined;
}

/** Longest line that is read: a record of this size is no exchange, and lines are held in memory whole. */
export const MAX_LINE = 16 * 1024 * 1024;

/**
 * Lines of UTF-8 bytes, ended by \n or \r\n alone. (node:readline also ends lines at U+2028, which JSON may hold.)
 * Memory is bounded by `maxLength` characters whatever the input.
 */
export async function* readLines(
	bytes: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
	maxLength = MAX_LINE,
): AsyncGenerator<Line> {
	const decoder = new StringDecoder('utf8');
	let rest = '';
	let skipping = false;
	let number = 1;
	for await (const piece of bytes) {
		const text =
			typeof piece === 'string'
				? piece
				: decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
		let start = 0;
		for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
			const whole =
				skipping || rest.length + end - start > maxLength ? undefined : rest + text.slice(start, end);
			yield { number: number++, text: whole?.endsWith('\r') === true ? whole.slice(0, -1) : whole };
			rest = '';
			skipping = false;
			start = end + 1;
		}
		if (skipping) continue;
		rest = start === 0 ? rest + text : text.slice(start);
		if (rest.length > maxLength) {
			rest = '';
			skipping = true;
		}
	}
	rest += decoder.end();
	if (skipping || rest !== '') yield { number, text: skipping ? undefined : rest };
}
