import { cosine, createSlicer, scaledCosine } from '../support';

/** A candidate with its relevance on a 0–1 scale, best first. */
export interface Relevant {
	readonly relevance: number;
	readonly vector?: Float32Array;
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): picks `count` candidates one by one, each time the
 * one with the greatest (1 − diversity) × relevance − diversity × (similarity to the nearest already picked).
 * A candidate without a vector is like no other. Similarities are counted from that of unrelated passages on, because with some
 * models every two passages have a high cosine. Returns positions in `candidates`, in the order picked.
 */
export async function diversify(
	candidates: readonly Relevant[],
	diversity: number,
	count: number,
	/** Cosine of unrelated passages with the model of the vectors. */
	unrelated = 0,
): Promise<number[]> {
	const turn = createSlicer();
	const nearest = new Float64Array(candidates.length);
	const open = new Set(candidates.keys());
	const picked: number[] = [];
	while (picked.length < count && open.size > 0) {
		await turn();
		let best = -1;
		let bestValue = -Infinity;
		for (const i of open) {
			const penalty = picked.length === 0 ? 0 : diversity * (nearest[i] ?? 0);
			const value = (1 - diversity) * (candidates[i]?.relevance ?? 0) - penalty;
			if (value > bestValue) {
				bestValue = value;
				best = i;
			}
		}
		// With diversity 1 the first pick would be arbitrary: the most relevant one begins.
		if (picked.length === 0) best = 0;
		open.delete(best);
		picked.push(best);
		const chosen = candidates[best]?.vector;
		for (const i of open)
			nearest[i] = Math.max(
				picked.length === 1 ? -1 : (nearest[i] ?? 0),
				scaledCosine(cosine(candidates[i]?.vector, chosen), unrelated),
			);
	}
	return picked;
}
