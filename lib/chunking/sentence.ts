import { bestBreak, firstSentenceEnd, lastSentenceEnd } from './breaks';
import type { Cutter } from './spans';
import type { Chunk } from './types';

/** As many whole sentences as fit; a longer sentence is cut like running text. */
export function sentenceCutter(text: string): Cutter {
	return {
		cut(_bodyStart, floor, limit) {
			if (limit >= text.length) return limit;
			return lastSentenceEnd(text, floor, limit) ?? bestBreak(text, floor, limit).at;
		},
	};
}

/** One sentence a chunk, for use with {@link withWindow}. */
export function singleSentenceCutter(text: string): Cutter {
	return {
		cut(_bodyStart, floor, limit) {
			const end = firstSentenceEnd(text, floor, limit);
			if (end !== undefined) return end;
			return limit >= text.length ? limit : bestBreak(text, floor, limit).at;
		},
	};
}

/**
 * Sets each chunk's parent to itself and `window` chunks either side: search finds the sentence, the model reads it in
 * its surroundings (sentence-window retrieval, as in LlamaIndex). Holds `window` chunks back.
 */
export function* withWindow(chunks: Iterable<Chunk>, window: number): Generator<Chunk> {
	const recent: Chunk[] = [];
	let next = 0;
	const emit = (): Chunk | undefined => {
		const middle = recent[next];
		const first = recent[Math.max(0, next - window)];
		const last = recent[Math.min(recent.length - 1, next + window)];
		if (!middle || !first || !last) return undefined;
		if (next === window) recent.shift();
		else next++;
		return { ...middle, parent: { start: first.start, end: last.end } };
	};
	for (const chunk of chunks) {
		recent.push(chunk);
		if (recent.length <= next + window) continue;
		const ready = emit();
		if (ready) yield ready;
	}
	for (let rest = emit(); rest; rest = emit()) yield rest;
}
