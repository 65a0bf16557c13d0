import type { Hit } from './types';

/**
 * Share of a neighbour's score that a passage gets. What a question asks for often goes on in the next chunk, or the
 * chunk before has the name of what it is about. 0.1 to 0.2 are about equally good (docs/retrieval.md).
 */
const SHARE = 0.15;
/** Characters between a chunk and the next: headings and white space that belong to none. */
const GAP = 200;

/** Each hit with a part of the scores of the chunk before and the chunk behind it in its document, if they are among the hits. */
export function withNeighbours(hits: readonly Hit[]): Hit[] {
	const scores = new Map(hits.map((hit) => [hit, hit.score]));
	for (const part of Map.groupBy(hits, ({ source, generation }) =>
		JSON.stringify([source, generation]),
	).values()) {
		if (part.length === 1) continue;
		const inOrder = part.filter(({ start }) => start !== undefined).sort((a, b) => at(a) - at(b));
		for (let i = 1; i < inOrder.length; i++) {
			const [before, after] = [inOrder[i - 1], inOrder[i]];
			if (!before || !after || at(after) === at(before) || at(after) > endOf(before) + GAP) continue;
			scores.set(before, (scores.get(before) ?? 0) + SHARE * after.score);
			scores.set(after, (scores.get(after) ?? 0) + SHARE * before.score);
		}
	}
	return hits.map((hit) => ({ ...hit, score: scores.get(hit) ?? hit.score }));
}

function at({ start }: Hit): number {
	return start ?? 0;
}

function endOf({ start = 0, end, text }: Hit): number {
	return end ?? start + text.length;
}
