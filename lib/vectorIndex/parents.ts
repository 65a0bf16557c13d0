import type { SearchBackend } from './backend';
import type { Hit, SearchCall, StoredPoint } from './types';
import { throwIfCancelled } from './errors';

/**
 * Gives each hit the text of its parent window and keeps one hit a window (the best). Where the window's text was not
 * stored with the row it is put together from the rows of the same source by their offsets; a stretch that no row
 * covers (white space between chunks, mostly) becomes a line break.
 */
export async function fillParents(
	hits: readonly Hit[],
	backend: SearchBackend,
	call: SearchCall,
): Promise<Hit[]> {
	const seen = new Set<string>();
	const filled: Hit[] = [];
	for (const hit of hits) {
		const { parent } = hit;
		if (!parent) {
			filled.push(hit);
			continue;
		}
		const key = JSON.stringify([hit.source, parent.start, parent.end]);
		if (seen.has(key)) continue;
		seen.add(key);
		throwIfCancelled(call.signal, 'The search');
		filled.push(
			parent.text === undefined ? { ...hit, parent: { ...parent, text: await assemble(hit, backend) } } : hit,
		);
	}
	return filled;
}

async function assemble(hit: Hit, backend: SearchBackend): Promise<string> {
	const { start, end } = hit.parent ?? { start: 0, end: 0 };
	const window = {
		source: hit.source,
		start,
		end,
		...(hit.generation !== undefined && { generation: hit.generation }),
	};
	const text = stitch(await backend.within(window), start, end);
	return text === '' ? hit.text : text;
}

/** The text of [start, end) from rows that cover parts of it. */
export function stitch(rows: readonly StoredPoint[], start: number, end: number): string {
	const placed = rows
		.flatMap(({ text, start: from }) => (from === undefined ? [] : [{ text, from }]))
		.sort((a, b) => a.from - b.from);
	let at = start;
	let stitched = '';
	for (const { text, from } of placed) {
		const to = Math.min(end, from + text.length);
		if (to <= at || from >= end) continue;
		if (from > at && stitched !== '') stitched += '\n';
		stitched += text.slice(Math.max(0, at - from), to - from);
		at = to;
	}
	return stitched;
}
