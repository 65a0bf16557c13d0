import { tokensOfBytes } from '../support';
import { EngineError } from './errors';
import type { DialectSpec } from './dialects';
import { charactersOf } from './routing/context';
import type { Engine } from './routing/engine';
import type { Routes } from './routing/job';
import { withFailover } from './routing/loop';
import type { ChatRequest } from './types/chat';
import type { CallOptions } from './types/pool';

/** Tokens of a prompt, by an engine that can count them; where none can, a quarter of its characters. */
export async function countTokens(routes: Routes, request: ChatRequest, call: CallOptions): Promise<number> {
	const count = async (engine: Engine, spec: DialectSpec, model: string): Promise<number | undefined> =>
		await spec.countTokens?.(engine.ask, request, model);
	try {
		const { value } = await withFailover(
			routes,
			{ use: 'chat', model: request.model, needs: ['countTokens'], run: count, probe: count },
			call,
		);
		if (value !== undefined) return value;
	} catch (error) {
		if (!(error instanceof EngineError) || error.kind !== 'unsupported') throw error;
	}
	return tokensOfBytes(charactersOf(request));
}
