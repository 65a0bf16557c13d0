import { EvaluationError } from './errors';

/**
 * Metrics of one ranked list. `ranked` holds ids, best first; an id that appears again is counted at its first place only
 * (several chunks of one document are one document). `k` cuts the list. All results lie in 0–1.
 */

/** Share of the relevant ids among the first `k`. */
export function recallAt(ranked: readonly string[], relevant: ReadonlySet<string>, k: number): number {
	return foundIn(ranked, relevant, k) / requireRelevant(relevant.size);
}

/** Share of the first `k` places that hold a relevant id; missing places count as misses, as in trec_eval's P_k. */
export function precisionAt(ranked: readonly string[], relevant: ReadonlySet<string>, k: number): number {
	requireRelevant(relevant.size);
	return foundIn(ranked, relevant, k) / requireRank(k);
}

/** 1 / rank of the first relevant id among the first `k`, 0 if there is none. Its mean over questions is MRR. */
export function reciprocalRank(
	ranked: readonly string[],
	relevant: ReadonlySet<string>,
	k = ranked.length,
): number {
	requireRelevant(relevant.size);
	const rank = unique(ranked)
		.slice(0, k)
		.findIndex((id) => relevant.has(id));
	return rank < 0 ? 0 : 1 / (rank + 1);
}

/**
 * Normalised discounted cumulative gain: the gain of an id is its grade, the discount log2(rank + 1) (Järvelin & Kekäläinen,
 * "Cumulated gain-based evaluation of IR techniques", TOIS 2002; linear gain as trec_eval's ndcg_cut).
 */
export function ndcgAt(ranked: readonly string[], grades: ReadonlyMap<string, number>, k: number): number {
	requireRank(k);
	const ideal = [...grades.values()].filter((grade) => grade > 0).sort((a, b) => b - a);
	requireRelevant(ideal.length);
	const gains = unique(ranked)
		.slice(0, k)
		.map((id) => Math.max(0, grades.get(id) ?? 0));
	return discounted(gains) / discounted(ideal.slice(0, k));
}

/**
 * What the approximate index lost: share of the exact search's first `k` ids that the approximate search also returned.
 * Says nothing about relevance, so it is reported apart from it. 1 when exact search finds nothing.
 */
export function annRecallAt(approximate: readonly string[], exact: readonly string[], k: number): number {
	requireRank(k);
	const truth = new Set(exact.slice(0, k));
	return truth.size === 0 ? 1 : foundIn(approximate, truth, k) / truth.size;
}

function foundIn(ranked: readonly string[], relevant: ReadonlySet<string>, k: number): number {
	requireRank(k);
	return unique(ranked)
		.slice(0, k)
		.filter((id) => relevant.has(id)).length;
}

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

const discounted = (gains: readonly number[]): number =>
	gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);

function requireRank(k: number): number {
	if (!Number.isInteger(k) || k < 1)
		throw new EvaluationError('invalidOptions', `k must be a whole number from 1, got ${k}.`);
	return k;
}

function requireRelevant(count: number): number {
	if (count === 0)
		throw new EvaluationError(
			'invalidData',
			'A question without anything relevant cannot be scored; leave it out.',
		);
	return count;
}
