import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask, DialectSpec } from '../dialects/dialect';
import { EngineError } from '../errors';
import type { Engine } from '../routing/engine';
import type { CallOptions } from '../types/pool';
import { advise } from '../wire/advice';
import { cannot } from './cannot';

/** Loading reads a model from disk: minutes for a large one. */
const LOAD_MS = 600_000;
const POLL_MS = 250;
/** A process that ends takes no longer than a moment; whoever looks afterwards sees it anyway. */
const UNLOAD_MS = 10_000;

/** Loads a model into the engine's memory and returns when it is there. */
export async function loadModel(
	engine: Engine,
	model: string,
	options: { keepAlive?: string; contextSize?: number },
	call: CallOptions,
): Promise<void> {
	const spec = await engine.dialect();
	const operations = spec.operations;
	if (operations?.load === undefined)
		throw cannot(engine, spec, 'load models on request; it has the model it was started with');
	const ms = call.deadlines?.totalMs ?? LOAD_MS;
	const endAt = performance.now() + ms;
	try {
		await engine.askWith(operations.load(model, options), call, ms, model);
	} catch (error) {
		// llama.cpp as a router refuses to load what it has loaded …
		if (!hasSaid(error, /already (?:running|loaded)/i)) {
			// … and answers for a model that it does not have as if it could not load any.
			const isAbsent = (await operations.loadState?.(engine.ask, model).catch(() => undefined)) === 'absent';
			throw isAbsent ? absent(engine, model, error) : error;
		}
	}
	while (operations.loadState !== undefined) {
		const state = await operations.loadState(engine.ask, model);
		if (state === 'loaded') break;
		if (state === 'absent') throw absent(engine, model);
		if (state === 'failed' || performance.now() > endAt) throw notLoaded(engine, model, state, ms);
		await rest(call.signal);
	}
	await engine.models();
}

/** Frees the memory a model takes. */
export async function unloadModel(engine: Engine, model: string, call: CallOptions): Promise<void> {
	const spec = await engine.dialect();
	const unload = spec.operations?.unload;
	if (unload === undefined)
		throw cannot(engine, spec, 'unload models on request; it holds its model until it is stopped');
	const ask: Ask = async (request) =>
		await engine.askWith(request, call, call.deadlines?.totalMs ?? LOAD_MS, model);
	try {
		for (const request of await unload(model, ask)) await ask(request);
		await gone(engine, spec, model, call);
	} catch (error) {
		// It refuses to unload what is not loaded, too.
		if (!hasSaid(error, /model is not (?:running|loaded)/i)) throw error;
	}
	await engine.models();
}

/** Where it answers before the model has gone (llama.cpp as a router). */
async function gone(engine: Engine, spec: DialectSpec, model: string, call: CallOptions): Promise<void> {
	const endAt = performance.now() + UNLOAD_MS;
	while ((await spec.operations?.loadState?.(engine.ask, model)) === 'loaded' && performance.now() < endAt)
		await rest(call.signal);
}

const hasSaid = (error: unknown, words: RegExp): boolean =>
	error instanceof EngineError && words.test(error.engineMessage ?? '');

function absent(engine: Engine, model: string, cause?: unknown): EngineError {
	const asked = { engine: engine.name, model };
	return new EngineError('modelNotFound', advise('modelNotFound', { ...asked, baseUrl: '' }, ''), {
		...asked,
		cause,
	});
}

function notLoaded(engine: Engine, model: string, state: 'loading' | 'failed', ms: number): EngineError {
	return state === 'failed'
		? new EngineError('loadFailed', `${engine.name} could not load "${model}". Its log says why.`, {
				engine: engine.name,
				model,
			})
		: new EngineError(
				'timeout',
				`${engine.name} has not loaded "${model}" within ${Math.round(ms / 1000)} s. It may still do so: look at its log.`,
				{ engine: engine.name, model },
			);
}

async function rest(signal: AbortSignal | undefined): Promise<void> {
	try {
		await sleep(POLL_MS, undefined, { signal });
	} catch (cause) {
		throw new EngineError('cancelled', 'The call was cancelled while the engine loaded the model.', {
			cause,
		});
	}
}
