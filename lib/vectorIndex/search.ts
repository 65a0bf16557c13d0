import type { SearchBackend } from './backend';
import { type CheckedQuery, checkQuery, MAX_CANDIDATES } from './checkQuery';
import { diversify } from './diversity';
import { throwIfCancelled } from './errors';
import { isNothing } from './filter/parse';
import { byRange, fuse, type Ranked } from './fusion';
import { withNeighbours } from './neighbours';
import { preferNewer } from './newest';
import { fillParents } from './parents';
import { checkCompatible } from './settings';
import { collapseTwins, type Fingerprint } from './twins';
import type { Hit, IndexSettings, SearchCall, SearchQuery, StoredPoint } from './types';
import { cosineLimitsOf, scaledCosine } from '../support';
import { asksForUnknownCode } from './unknownCodes';

/** A cross-encoder reads each candidate in full: 50 is what one answers in about a second on a CPU. */
const RERANK_CANDIDATES = 50;

/**
 * How far a search looks for passages that are no twins of what it has. Whoever stores one page ten thousand times would make each
 * question read them all.
 */
const MAX_AMONG_TWINS = 1_600;

/** One search, from checking the query to the finished hits. Throws IndexError. */
export async function runSearch(
	name: string,
	backend: SearchBackend,
	settings: IndexSettings,
	query: SearchQuery,
	call: SearchCall = {},
): Promise<Hit[]> {
	checkCompatible(name, settings, { fingerprint: query.fingerprint });
	const checked = checkQuery(settings, query, call);
	if (isNothing(checked.filter)) return [];
	const { mode, text = '' } = query;
	if (mode !== 'vector' && (await asksForUnknownCode(backend, text, checked.filter))) return [];
	const pool = await findPool(backend, checked, query, call);
	const ranked = call.rerank ? best(await rerank(pool, query, call), query) : pool;
	const chosen = await choose(perSource(ranked, query), query, settings.model);
	return query.expandParents ? await fillParents(chosen, backend, call) : chosen;
}

/**
 * The hits that the result is chosen from. Twins and what is beyond the maximum of a source make room for others, so that the first
 * candidates may not suffice: then it looks deeper.
 */
async function findPool(
	backend: SearchBackend,
	checked: CheckedQuery,
	query: SearchQuery,
	call: SearchCall,
): Promise<Hit[]> {
	const { limit } = query;
	const wanted = call.rerank ? Math.max(limit, query.rerankCandidates ?? RERANK_CANDIDATES) : limit;
	const prints = new Map<string, Fingerprint>();
	const deepest = Math.max(
		checked.candidates,
		query.perSource === undefined ? MAX_AMONG_TWINS : MAX_CANDIDATES,
	);
	const choosesAmongAll = query.perSource !== undefined || checked.withVectors;
	for (let candidates = checked.candidates; ; candidates = Math.min(deepest, candidates * 4)) {
		throwIfCancelled(call.signal, 'The search');
		const { hits, exhausted } = await gather(backend, checked, candidates);
		const scored = best(query.mode === 'hybrid' ? sorted(withNeighbours(hits)) : hits, query, call);
		const distinct = query.keepTwins
			? scored
			: await collapseTwins(scored, choosesAmongAll ? scored.length : wanted, prints);
		const grouped = perSource(distinct, query);
		if (grouped.length < limit && !exhausted && candidates < deepest) continue;
		// To a reranker go the best, and with them enough sources to fill the result.
		return call.rerank ? [...new Set([...distinct.slice(0, wanted), ...grouped.slice(0, limit)])] : distinct;
	}
}

/** In order of their final score, without those below the minimum. A reranker's scores are judged when it has given them. */
function best(hits: readonly Hit[], { preferNewer: field, minScore }: SearchQuery, call?: SearchCall): Hit[] {
	const aged = field === undefined ? [...hits] : sorted(preferNewer(hits, field));
	return minScore === undefined || call?.rerank ? aged : aged.filter(({ score }) => score >= minScore);
}

async function gather(
	backend: SearchBackend,
	query: CheckedQuery,
	limit: number,
): Promise<{ hits: Hit[]; exhausted: boolean }> {
	const { vector, terms, filter, withVectors, exact } = query;
	const options = { limit, filter, withVectors, exact };
	const { nearest, matching } =
		vector && terms.length > 0
			? await backend.both(vector, terms, options)
			: {
					nearest: vector ? await backend.nearest(vector, options) : [],
					matching: terms.length > 0 ? await backend.matching(terms, options) : [],
				};
	const vectorRanks = sorted(nearest);
	const keywordRanks = sorted(matching);
	const waiting = new Set(
		keywordRanks.flatMap(({ id, point }) => (point.pendingSince === undefined ? [] : [id])),
	);
	const scores =
		query.mode === 'hybrid'
			? fuse(query.fusion, vectorRanks, keywordRanks, query.vectorWeight, (id) => waiting.has(id))
			: new Map([...vectorRanks, ...keywordRanks].map(({ id, score }) => [id, score]));
	const found = new Map<string, { point: StoredPoint; stages: { vector?: Stage; keyword?: Stage } }>();
	vectorRanks.forEach(({ id, point, score }, i) =>
		found.set(id, { point, stages: { vector: { score, rank: i + 1 } } }),
	);
	keywordRanks.forEach(({ id, point, score }, i) => {
		const known = found.get(id);
		found.set(id, {
			point: known?.point ?? point,
			stages: { ...known?.stages, keyword: { score, rank: i + 1 } },
		});
	});
	const hits = [...found].map(([id, { point, stages }]) => ({
		...point,
		score: scores.get(id) ?? 0,
		stages,
	}));
	return { hits: sorted(hits), exhausted: nearest.length < limit && matching.length < limit };
}

type Stage = { readonly score: number; readonly rank: number };

/** Best first; equal scores in order of id, so that the same question has the same answer. */
function sorted<T extends Ranked>(hits: readonly T[]): T[] {
	return [...hits].sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

async function rerank(candidates: readonly Hit[], query: SearchQuery, call: SearchCall): Promise<Hit[]> {
	if (!call.rerank || candidates.length === 0) return [];
	const documents = candidates.map(({ context, text }) =>
		context === undefined ? text : `${context}\n${text}`,
	);
	const scores = await call.rerank(query.text ?? '', documents, { signal: call.signal });
	const ranked = sorted(
		scores.flatMap(({ index, score }) => {
			const hit = candidates[index];
			return hit ? [{ ...hit, score }] : [];
		}),
	);
	return ranked.map((hit, i) => ({
		...hit,
		stages: { ...hit.stages, rerank: { score: hit.score, rank: i + 1 } },
	}));
}

function withoutVector(hit: Hit): Hit {
	const copy: { -readonly [key in keyof Hit]: Hit[key] } = { ...hit };
	delete copy.vector;
	return copy;
}

/** Scores on a scale of similarities: cosines from that of unrelated texts on, others by the best one, or by their range if some are negative. */
function relevanceOf(hits: readonly Hit[], unrelated = 0): (hit: Hit) => number {
	const cosines = hits.every(({ score, stages }) => score === stages.vector?.score);
	const best = hits[0]?.score ?? 0;
	if (cosines) return ({ score }) => scaledCosine(score, unrelated);
	if (best > 0 && hits.every(({ score }) => score >= 0)) return ({ score }) => score / best;
	return byRange(hits, 1);
}

function perSource(hits: readonly Hit[], { perSource: most }: SearchQuery): readonly Hit[] {
	if (most === undefined) return hits;
	const seen = new Map<string, number>();
	return hits.filter(({ source }) => {
		const count = (seen.get(source) ?? 0) + 1;
		seen.set(source, count);
		return count <= most;
	});
}

async function choose(
	hits: readonly Hit[],
	{ limit, diversity = 0 }: SearchQuery,
	model: string,
): Promise<Hit[]> {
	if (diversity === 0) return hits.slice(0, limit);
	const limits = cosineLimitsOf(model);
	const relevance = relevanceOf(hits, limits?.unrelated);
	const order = await diversify(
		hits.map((hit) => ({ relevance: relevance(hit), vector: hit.vector })),
		diversity,
		limit,
		limits?.unrelatedPassages,
	);
	return order.flatMap((i) => {
		const hit = hits[i];
		return hit ? [withoutVector(hit)] : [];
	});
}
