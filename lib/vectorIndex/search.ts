import { diversify } from './diversity';
import { IndexError, throwIfCancelled } from './errors';
import type { SearchBackend } from './backend';
import { parseFilter, isNothing, type FilterNode } from './filter/parse';
import { byRange, fuse, type Ranked } from './fusion';
import { usableVector } from './point';
import { checkCompatible } from './settings';
import { queryTermsOf, type QueryTerm } from './terms';
import { fillParents } from './parents';
import type { Hit, IndexSettings, SearchCall, SearchQuery, StoredPoint } from './types';
import { cosineLimitsOf, messageOf, scaledCosine } from '../support';

const MAX_LIMIT = 1_000;
const MAX_CANDIDATES = 10_000;
/** A cross-encoder reads each candidate in full: 50 is what one answers in about a second on a CPU. */
const RERANK_CANDIDATES = 50;
/** Word overlap is all the built-in static model has; our measurement found 0.3 and 0.5 best (docs/retrieval.md). */
const STATIC_WEIGHT = 0.3;
const ENCODER_WEIGHT = 0.5;

/** Weight of the vector ranking in hybrid search for an index of that model. */
export function defaultVectorWeight(model: string): number {
	return /(^|[/:])static-/i.test(model) ? STATIC_WEIGHT : ENCODER_WEIGHT;
}

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
	// With at most so many hits a source, the first candidates may all be of a few sources: look deeper until it suffices.
	for (let candidates = checked.candidates; ; candidates = Math.min(MAX_CANDIDATES, candidates * 4)) {
		throwIfCancelled(call.signal, 'The search');
		const { hits, exhausted } = await gather(backend, checked, candidates);
		const ranked = await rerank(hits, query, call);
		const kept =
			query.minScore === undefined ? ranked : ranked.filter(({ score }) => score >= (query.minScore ?? 0));
		const grouped = query.perSource === undefined ? kept : limitPerSource(kept, query.perSource);
		if (
			query.perSource !== undefined &&
			grouped.length < query.limit &&
			!exhausted &&
			candidates < MAX_CANDIDATES
		)
			continue;
		const chosen = await choose(grouped, query, settings.model);
		return query.expandParents ? await fillParents(chosen, backend, call) : chosen;
	}
}

interface CheckedQuery {
	readonly vector?: Float32Array;
	readonly terms: readonly QueryTerm[];
	readonly filter: FilterNode;
	readonly candidates: number;
	readonly withVectors: boolean;
	readonly exact: boolean;
	readonly fusion: 'minmax' | 'rrf' | 'dbsf';
	readonly vectorWeight: number;
	readonly mode: SearchQuery['mode'];
}

function checkQuery(settings: IndexSettings, query: SearchQuery, call: SearchCall): CheckedQuery {
	const { mode, limit, diversity = 0, perSource } = query;
	if (mode !== 'vector' && mode !== 'keyword' && mode !== 'hybrid') {
		throw invalid('mode must be "vector", "keyword" or "hybrid"');
	}
	whole('limit', limit, 1, MAX_LIMIT);
	if (perSource !== undefined) whole('perSource', perSource, 1, MAX_LIMIT);
	if (query.candidates !== undefined) whole('candidates', query.candidates, 1, MAX_CANDIDATES);
	fraction('diversity', diversity);
	const vectorWeight = query.vectorWeight ?? settings.vectorWeight ?? defaultVectorWeight(settings.model);
	fraction('vectorWeight', vectorWeight);
	if (query.minScore !== undefined && !Number.isFinite(query.minScore))
		throw invalid('minScore must be a number');
	if (mode !== 'keyword' && query.vector === undefined) throw invalid(`${mode} search needs a vector`);
	if (mode !== 'vector' && typeof query.text !== 'string') throw invalid(`${mode} search needs a text`);
	if (call.rerank && typeof query.text !== 'string')
		throw invalid('reranking needs the text of the question');
	const fusion = query.fusion ?? 'minmax';
	if (fusion !== 'minmax' && fusion !== 'rrf' && fusion !== 'dbsf') {
		throw invalid('fusion must be "minmax", "rrf" or "dbsf"');
	}
	const selects =
		mode === 'hybrid' ||
		diversity > 0 ||
		perSource !== undefined ||
		call.rerank !== undefined ||
		query.candidates !== undefined;
	return {
		mode,
		fusion,
		vectorWeight,
		vector: mode === 'keyword' ? undefined : queryVector(query.vector, settings),
		terms: mode === 'vector' ? [] : queryTermsOf(query.text ?? ''),
		filter: parseFilter(query.filter),
		candidates: Math.max(limit, selects ? (query.candidates ?? Math.max(100, 10 * limit)) : limit),
		withVectors: diversity > 0,
		exact: query.exact ?? false,
	};
}

function queryVector(vector: Float32Array | undefined, settings: IndexSettings): Float32Array | undefined {
	try {
		return usableVector(vector, settings.dimensions);
	} catch (thrown) {
		const mismatch = vector instanceof Float32Array && vector.length !== settings.dimensions;
		throw new IndexError(
			mismatch ? 'fingerprintMismatch' : 'invalidQuery',
			`The query cannot be searched: ${messageOf(thrown)}. The index was built with the model "${settings.model}".`,
		);
	}
}

async function gather(
	backend: SearchBackend,
	query: CheckedQuery,
	limit: number,
): Promise<{ hits: Hit[]; exhausted: boolean }> {
	const { vector, terms, filter, withVectors, exact } = query;
	const [nearest, matching] = await Promise.all([
		vector ? backend.nearest(vector, { limit, filter, withVectors, exact }) : [],
		terms.length > 0 ? backend.matching(terms, { limit, filter, withVectors }) : [],
	]);
	const vectorRanks = sorted(nearest);
	const keywordRanks = sorted(matching);
	const scores =
		query.mode === 'hybrid'
			? fuse(query.fusion, vectorRanks, keywordRanks, query.vectorWeight)
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

async function rerank(hits: Hit[], query: SearchQuery, call: SearchCall): Promise<Hit[]> {
	if (!call.rerank || hits.length === 0) return hits;
	const candidates = hits.slice(0, Math.max(query.limit, query.rerankCandidates ?? RERANK_CANDIDATES));
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

function limitPerSource(hits: readonly Hit[], perSource: number): Hit[] {
	const seen = new Map<string, number>();
	return hits.filter(({ source }) => {
		const count = (seen.get(source) ?? 0) + 1;
		seen.set(source, count);
		return count <= perSource;
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

function whole(name: string, value: number, from: number, to: number): void {
	if (!Number.isInteger(value) || value < from || value > to) {
		throw invalid(`${name} must be a whole number from ${from} to ${to}`);
	}
}

function fraction(name: string, value: number): void {
	if (!(value >= 0 && value <= 1)) throw invalid(`${name} must be a number from 0 to 1`);
}

function invalid(problem: string): IndexError {
	return new IndexError('invalidQuery', `The query cannot be searched: ${problem}.`);
}
