import { EngineError } from './errors';
import type { Engine } from './routing/engine';
import type { DialectSpec } from './dialects';
import type { Routes } from './routing/job';
import { withFailover } from './routing/loop';
import type { ExchangeLimits } from './transport/exchange';
import type { BuiltinTier, CallOptions } from './types/pool';
import type { DocumentScore, RerankOptions, RerankResult } from './types/vectors';

/** The name under which the built-in tier appears in results and attempts. */
export const BUILTIN_NAME = 'built-in';

/**
 * Scores documents against a query on the first engine that has a rerank route, best first; where none has one, by what
 * the caller gave for that case, which `engine: 'built-in'` in the result says.
 */
export async function runRerank(
	routes: Routes,
	query: string,
	documents: readonly string[],
	options: RerankOptions,
	call: CallOptions,
	builtin: BuiltinTier['rerank'],
): Promise<RerankResult[]> {
	if (documents.length === 0) return [];
	if (query.trim() === '') throw new EngineError('invalidRequest', 'There is no query to rank by.');
	const filled = documents.flatMap((text, index) => (text.trim() === '' ? [] : [index]));
	const scored = await scoresOf(
		routes,
		query,
		filled.map((index) => documents[index] ?? ''),
		options,
		call,
		builtin,
	);
	const results = scored.scores.map(({ index, score }) => ({
		index: filled[index] ?? index,
		score,
		engine: scored.engine,
	}));
	results.sort((a, b) => b.score - a.score || a.index - b.index);
	return results.slice(0, options.topN);
}

async function scoresOf(
	routes: Routes,
	query: string,
	documents: readonly string[],
	options: RerankOptions,
	call: CallOptions,
	builtin: BuiltinTier['rerank'],
): Promise<{ scores: readonly DocumentScore[]; engine: string }> {
	const byBuiltin = async (rerank: NonNullable<BuiltinTier['rerank']>) => ({
		scores: await rerank(query, documents, { signal: call.signal }),
		engine: BUILTIN_NAME,
	});
	if (routes.engines.length === 0 && builtin !== undefined) return await byBuiltin(builtin);
	try {
		const outcome = await withFailover(
			routes,
			{
				use: 'rerank',
				model: options.model,
				needs: ['rerank'],
				run: (engine, spec, model, limits) => sendAll(engine, spec, model, query, documents, limits, call),
				probe: (engine, spec, model, limits) => sendAll(engine, spec, model, 'a', ['a'], limits, {}),
			},
			call,
		);
		return { scores: outcome.value, engine: outcome.engine.name };
	} catch (error) {
		// Only where no engine has reranking at all: scores of another kind must not come and go with an engine's health.
		if (builtin === undefined || !(error instanceof EngineError) || error.kind !== 'unsupported') throw error;
		return await byBuiltin(builtin);
	}
}

/** All documents on one engine (scores of two are not comparable), in as many requests as its limit asks for. */
async function sendAll(
	engine: Engine,
	spec: DialectSpec,
	model: string,
	query: string,
	documents: readonly string[],
	limits: ExchangeLimits,
	call: CallOptions,
): Promise<DocumentScore[]> {
	const { rerank } = spec;
	if (rerank === undefined)
		throw new EngineError('unsupported', `${engine.name} (${spec.label}) does not rerank.`, {
			engine: engine.name,
		});
	const { batch = 256 } = await engine.limits();
	const scores: DocumentScore[] = [];
	for (let start = 0; start < documents.length; start += batch) {
		const part = documents.slice(start, start + batch);
		const { json, status } = await engine.exchange(rerank.request(model, query, part), limits, call, model);
		const read = json === undefined ? undefined : rerank.answer(json);
		if (
			read === undefined ||
			new Set(read.map(({ index }) => index)).size !== part.length ||
			read.some(({ index }) => index >= part.length)
		) {
			throw new EngineError(
				'badAnswer',
				`${engine.name} did not send one score for each of ${part.length} documents.`,
				{ engine: engine.name, model, status },
			);
		}
		scores.push(...read.map(({ index, score }) => ({ index: index + start, score })));
	}
	return scores;
}
