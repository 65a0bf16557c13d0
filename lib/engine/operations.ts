import { EngineError } from './errors';
import type { DialectSpec } from './dialects';
import type { Engine } from './routing/engine';
import { DEADLINES } from './routing/deadlines';
import type { BodyReader } from './transport/exchange';
import type { HttpRequest } from './transport/transport';
import { ndjsonReader } from './transport/frames';
import type { CallOptions, OperationProgress } from './types';
import { failureOfAnswer, failureOfTransport } from './wire/failure';
import { parseJson } from './wire/json';

/** Loading reads a model from disk: minutes for a large one. */
const LOAD_MS = 600_000;
/** A download may take hours; it ends when nothing came for a minute. */
const PULL_MS = 12 * 3_600_000;

/** Has the engine download a model; yields its progress and ends when the engine says it is done. */
export async function* pullModel(
	engine: Engine,
	model: string,
	call: CallOptions,
): AsyncGenerator<OperationProgress, void> {
	const spec = await engine.dialect(call);
	const pull = spec.operations?.pull;
	if (pull === undefined)
		throw cannot(engine, spec, 'download models; put the model where it reads them from');
	const asked = engine.asked(model);
	const queue: OperationProgress[] = [];
	let finished = false;
	let wake: (() => void) | undefined;
	const state: { done: boolean; failed: EngineError | undefined } = { done: false, failed: undefined };
	const stop = new AbortController();
	const read = (text: string): void => {
		const json = parseJson(text);
		if (json === undefined) return;
		const progress = pull.progress(json);
		if (progress !== undefined && 'error' in progress) throw failureOfAnswer({ status: 500 }, text, asked);
		if (progress !== undefined) queue.push(progress);
		finished ||= pull.finished(json);
		wake?.();
	};
	const lines = ndjsonReader(read);
	let token = (): void => undefined;
	const reader: BodyReader = {
		onText: (text) => {
			token();
			lines.onText(text);
		},
		onEnd: () => lines.onEnd(),
	};
	const limits = {
		connectMs: DEADLINES.connectMs,
		firstTokenMs: DEADLINES.firstTokenMs,
		betweenTokensMs: DEADLINES.betweenTokensMs,
		endAt: performance.now() + PULL_MS,
	};
	const signal = call.signal === undefined ? stop.signal : AbortSignal.any([call.signal, stop.signal]);
	const running = engine.transport
		.send(pull.request(model), {
			limits,
			signal,
			reader,
			onExchange: (exchange) => (token = () => exchange.token()),
		})
		.then((answer) => {
			if (answer.status >= 400) throw failureOfAnswer(answer, answer.text, asked);
		})
		.catch((error: unknown) => {
			state.failed = failureOfTransport(error, asked, true);
		})
		.finally(() => {
			state.done = true;
			wake?.();
		});
	try {
		for (;;) {
			const next = queue.shift();
			if (next !== undefined) yield next;
			else if (state.done) break;
			else await new Promise<void>((resolve) => (wake = resolve));
		}
		if (state.failed !== undefined) throw state.failed;
		if (!finished)
			throw new EngineError(
				'interrupted',
				`${engine.name} stopped downloading "${model}" without saying that it is complete. Try again: it goes on where it stopped.`,
				{ engine: engine.name, model },
			);
		await engine.models(true);
	} finally {
		stop.abort();
		await running;
	}
}

/** Loads a model into the engine's memory and returns when it is there. */
export async function loadModel(
	engine: Engine,
	model: string,
	options: { keepAlive?: string; contextSize?: number },
	call: CallOptions,
): Promise<void> {
	const spec = await engine.dialect(call);
	const load = spec.operations?.load;
	if (load === undefined)
		throw cannot(engine, spec, 'load models on request; it has the model it was started with');
	await operate(engine, load(model, options), model, call);
}

/** Frees the memory a model takes. */
export async function unloadModel(engine: Engine, model: string, call: CallOptions): Promise<void> {
	const spec = await engine.dialect(call);
	const unload = spec.operations?.unload;
	if (unload === undefined)
		throw cannot(engine, spec, 'unload models on request; it holds its model until it is stopped');
	await operate(engine, unload(model), model, call);
}

async function operate(
	engine: Engine,
	request: HttpRequest,
	model: string,
	call: CallOptions,
): Promise<void> {
	await engine.askWith(request, call, call.deadlines?.totalMs ?? LOAD_MS, model);
	await engine.models(true);
}

function cannot(engine: Engine, spec: DialectSpec, what: string): EngineError {
	return new EngineError('unsupported', `${engine.name} (${spec.label}) does not ${what}.`, {
		engine: engine.name,
	});
}
