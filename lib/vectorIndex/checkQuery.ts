import { IndexError } from './errors';
import { parseFilter, type FilterNode } from './filter/parse';
import { usableVector } from './point';
import { queryTermsOf, type QueryTerm } from './terms';
import type { IndexSettings, SearchCall, SearchQuery } from './types';
import { messageOf } from '../support';

const MAX_LIMIT = 1_000;
export const MAX_CANDIDATES = 10_000;
/** Passages asked for beyond the limit, in place of those that turn out to be twins. */
const SPARE = 20;
const LEAST_CANDIDATES = 100;
/** Word overlap is all the built-in static model has; our measurement found 0.3 and 0.5 best (docs/retrieval.md). */
const STATIC_WEIGHT = 0.3;
const ENCODER_WEIGHT = 0.5;

/** Weight of the vector ranking in hybrid search for an index of that model. */
export function defaultVectorWeight(model: string): number {
	return /(^|[/:])static-/i.test(model) ? STATIC_WEIGHT : ENCODER_WEIGHT;
}

/** A query as the stages take it. */
export interface CheckedQuery {
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

/** Checks a query. Throws `invalidQuery`, and `fingerprintMismatch` for a vector of another size. */
export function checkQuery(settings: IndexSettings, query: SearchQuery, call: SearchCall): CheckedQuery {
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
	if (query.preferNewer !== undefined && query.preferNewer.trim() === '')
		throw invalid('preferNewer must name a field of the metadata');
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
		candidates: Math.max(
			limit,
			selects ? (query.candidates ?? Math.max(LEAST_CANDIDATES, 2 * limit + SPARE)) : limit + SPARE,
		),
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
