import { type Line, MarkdownLines } from '../markdownLines';
import type { Chunk } from '../types';

/**
 * The path of headings at places of a text, for chunks whose method did not look at structure. Places have to come in
 * order; each line is read once.
 */
export function createHeadingTracker(source: string): (chunk: Chunk) => readonly string[] {
	const reader = new MarkdownLines(source);
	const path: Line[] = [];
	let next = reader.next();

	function enter(line: Line): void {
		while ((path.at(-1)?.level ?? 0) >= line.level) path.pop();
		path.push(line);
	}

	return (chunk) => {
		if (chunk.headings.length > 0 || chunk.kind === 'code') return chunk.headings;
		// Headings above the chunk, and those it opens with.
		for (; next && (next.end <= chunk.start || next.start < chunk.end); next = reader.next()) {
			if (next.kind === 'heading') enter(next);
			else if (next.end > chunk.start && next.kind !== 'blank') break;
		}
		return path.map(({ title }) => title ?? '');
	};
}

const LOOKED_AT = 20_000;

/** The title in the front matter, or the first heading near the beginning. */
export function titleOf(source: string): string | undefined {
	const head = source.slice(0, LOOKED_AT);
	const reader = new MarkdownLines(head);
	for (let line = reader.next(); line; line = reader.next()) {
		if (line.kind === 'heading') return line.title;
		if (line.kind !== 'front') continue;
		const front = head.slice(line.start, line.end).trim();
		if (front.slice(0, 6).toLowerCase() !== 'title:') continue;
		const title = withoutQuotes(front.slice(6).trim());
		if (title !== '') return title;
	}
	return undefined;
}

function withoutQuotes(text: string): string {
	const quote = text.charAt(0);
	const quoted = text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote);
	return quoted ? text.slice(1, -1) : text;
}
