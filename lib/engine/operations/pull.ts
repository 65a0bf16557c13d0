import { parseJson } from '../../support';
import type { StreamedPull } from '../dialects/dialect';
import { EngineError } from '../errors';
import { limitsOf } from '../routing/deadlines';
import type { Engine } from '../routing/engine';
import type { BodyReader } from '../transport/exchange';
import { ndjsonReader } from '../transport/frames';
import type { OperationProgress } from '../types/operations';
import type { CallOptions } from '../types/pool';
import { failureOfAnswer, failureOfTransport } from '../wire/failure';
import { cannot } from './cannot';
import { followJob, PULL_MS } from './pullJob';

/**
 * Has the engine download a model; yields its progress and ends when the engine says it is done. A consumer that stops ends
 * the download where it is a stream (Ollama); an engine that downloads by itself (LM Studio, LocalAI) goes on.
 *
 * @throws EngineError `unsupported`; `interrupted` (it stopped without saying that it is complete); `timeout` (nothing moved);
 * `server` and others in the engine's words.
 */
export async function* pullModel(
	engine: Engine,
	model: string,
	call: CallOptions,
): AsyncGenerator<OperationProgress, void> {
	const spec = await engine.dialect();
	const pull = spec.operations?.pull;
	if (pull === undefined)
		throw cannot(engine, spec, 'download models; put the model where it reads them from');
	yield* 'status' in pull ? followJob(engine, pull, model, call) : readStream(engine, pull, model, call);
	await engine.models();
}

async function* readStream(
	engine: Engine,
	pull: StreamedPull,
	model: string,
	call: CallOptions,
): AsyncGenerator<OperationProgress, void> {
	const asked = engine.asked(model);
	const queue: OperationProgress[] = [];
	let finished = false;
	let wake: (() => void) | undefined;
	const state: { done: boolean; failed: EngineError | undefined } = { done: false, failed: undefined };
	const stop = new AbortController();
	const lines = ndjsonReader((text) => {
		const json = parseJson(text);
		if (json === undefined) return;
		const progress = pull.progress(json);
		if (progress !== undefined && 'error' in progress) throw failureOfAnswer({ status: 500 }, text, asked);
		if (progress !== undefined) queue.push(progress);
		finished ||= pull.finished(json);
		wake?.();
	});
	let token = (): void => undefined;
	const reader: BodyReader = {
		onText: (text) => {
			token();
			lines.onText(text);
		},
		onEnd: () => lines.onEnd(),
	};
	const limits = limitsOf(performance.now(), undefined, { totalMs: PULL_MS, ...call.deadlines });
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
	} finally {
		stop.abort();
		await running;
	}
}
