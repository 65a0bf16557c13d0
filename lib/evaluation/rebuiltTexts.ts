import { createSlicer, type CallContext } from '../support';

/** A row of an index: a part of a source's text with its place. */
export interface TextPart {
	readonly source: string;
	readonly text: string;
	readonly start?: number;
	readonly end?: number;
}

/** Stands where no row has text: it occurs in no passage. */
const GAP = '\0';

/**
 * The texts of the sources put together from the rows of an index, every character at its own offset, so that copies of an expected
 * passage can be found (`withCopies`). Rows without a place are left out.
 *
 * @param mostCharacters of all texts together; above it the result is undefined, because copies are looked for in memory
 */
export async function rebuildTexts(
	rows: AsyncIterable<TextPart>,
	mostCharacters: number,
	call: CallContext = {},
): Promise<Map<string, string> | undefined> {
	const turn = createSlicer();
	const parts = new Map<string, Array<{ readonly start: number; readonly text: string }>>();
	let characters = 0;
	for await (const { source, text, start, end } of rows) {
		call.signal?.throwIfAborted();
		if (start === undefined || end === undefined || end - start !== text.length) continue;
		characters += text.length;
		if (characters > mostCharacters) return undefined;
		const known = parts.get(source);
		if (known) known.push({ start, text });
		else parts.set(source, [{ start, text }]);
		await turn();
	}
	const texts = new Map<string, string>();
	for (const [source, found] of parts) {
		texts.set(source, joined(found));
		await turn();
	}
	return texts;
}

function joined(parts: Array<{ readonly start: number; readonly text: string }>): string {
	parts.sort((a, b) => a.start - b.start);
	const pieces: string[] = [];
	let length = 0;
	for (const { start, text } of parts) {
		if (start > length) {
			pieces.push(GAP.repeat(start - length));
			length = start;
		}
		// Chunks may overlap: what stands already is not put there again.
		const fresh = text.slice(length - start);
		pieces.push(fresh);
		length += fresh.length;
	}
	return pieces.join('');
}
