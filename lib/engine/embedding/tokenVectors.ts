import type { DialectSpec } from '../dialects';
import { EngineError } from '../errors';
import type { Engine } from '../routing/engine';
import type { Routes } from '../routing/job';
import { withFailover } from '../routing/loop';
import type { ExchangeLimits } from '../transport/exchange';
import type { HttpRequest } from '../transport/transport';
import type { CallOptions } from '../types/pool';
import type { TokenVectors } from '../types/vectors';
import type { Json } from '../wire/json';
import { alignTokens } from './alignTokens';

/**
 * One vector a token with the token's place in the text, for late chunking: llama.cpp (`--pooling none`), vLLM (`/pooling`,
 * task token_embed), TEI (`/embed_all`).
 *
 * @throws EngineError `unsupported` (no engine can), `contextExceeded`, `badAnswer` (tokens and vectors do not match).
 */
export async function runTokenVectors(
	routes: Routes,
	text: string,
	model: string | undefined,
	call: CallOptions,
): Promise<TokenVectors> {
	if (text.trim() === '') throw new EngineError('invalidRequest', 'There is no text to embed.');
	const outcome = await withFailover(
		routes,
		{
			use: 'embedding',
			model,
			needs: ['tokenVectors'],
			run: (engine, spec, name, limits) => vectorsOf(engine, spec, name, text, limits, call),
			probe: (engine, spec, name, limits) => vectorsOf(engine, spec, name, 'a', limits, {}),
		},
		call,
	);
	return { ...outcome.value, model: outcome.model, engine: outcome.engine.name };
}

async function vectorsOf(
	engine: Engine,
	spec: DialectSpec,
	name: string,
	text: string,
	limits: ExchangeLimits,
	call: CallOptions,
): Promise<Pick<TokenVectors, 'vectors' | 'offsets'>> {
	const wire = spec.tokenVectors;
	if (wire === undefined)
		throw new EngineError('unsupported', `${engine.name} (${spec.label}) gives no token vectors.`, {
			engine: engine.name,
		});
	const ask = async (request: HttpRequest): Promise<Json> =>
		(await engine.exchange(request, limits, call, name)).json ?? null;
	const [vectorsJson, tokensJson] = await Promise.all([
		ask(wire.vectors(name, text)),
		ask(wire.tokens(name, text)),
	]);
	const vectors = wire.vectorsAnswer(vectorsJson);
	const tokens = wire.tokensAnswer(tokensJson);
	if (vectors === undefined || tokens === undefined) {
		throw new EngineError(
			'badAnswer',
			`${engine.name} sent no vector for each token. llama.cpp needs --embedding --pooling none for that.`,
			{ engine: engine.name, model: name },
		);
	}
	if (vectors.length !== tokens.length) {
		// One vector for a whole text is what a pooling server answers.
		const kind = vectors.length === 1 ? 'unsupported' : 'badAnswer';
		throw new EngineError(
			kind,
			`${engine.name} sent ${vectors.length} vectors for ${tokens.length} tokens. Is it started without pooling (llama.cpp: --pooling none)?`,
			{ engine: engine.name, model: name },
		);
	}
	return { vectors, offsets: alignTokens(text, tokens) };
}
