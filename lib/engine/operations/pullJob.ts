import { setTimeout as sleep } from 'node:timers/promises';
import type { PullJob, PullState } from '../dialects/dialect';
import { EngineError } from '../errors';
import type { Engine } from '../routing/engine';
import type { OperationProgress } from '../types/operations';
import type { CallOptions } from '../types/pool';

/** A download may take hours; what ends it sooner is that nothing moves. */
export const PULL_MS = 12 * 3_600_000;
/** Starting a download looks the model up in a catalogue on the network. */
const START_MS = 60_000;
/** Asked quickly at first, for small models, then every two seconds. */
const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 2_000;
/** The engine downloads on while it does not answer us for a moment; after so many silences in a row it is gone. */
const MOST_SILENCES = 10;
/** A download that has not moved for so long (paused in the engine's window, disk full) is given back to the caller. */
const STALLED_MS = 600_000;

/**
 * Follows a download that the engine does by itself until it says how that ended. Stopping ends the watching, not the
 * download: neither LM Studio nor LocalAI has a documented route for that.
 */
export async function* followJob(
	engine: Engine,
	pull: PullJob,
	model: string,
	call: CallOptions,
): AsyncGenerator<OperationProgress, void> {
	const stalledMs = call.deadlines?.betweenTokensMs ?? STALLED_MS;
	const endAt = performance.now() + (call.deadlines?.totalMs ?? PULL_MS);
	const { json } = await engine.askWith(pull.request(model), call, START_MS, model);
	let state = json === undefined ? undefined : pull.read(json);
	const job = state?.job;
	let told = '';
	let moved = performance.now();
	let silences = 0;
	for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_POLL_MS)) {
		if (state !== undefined) {
			const { status, done, total, end } = state;
			const now = `${status} ${done} ${end}`;
			if (now !== told) {
				told = now;
				moved = performance.now();
				yield { status, ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) };
			}
			if (end === 'finished') return;
			if (end === 'failed') throw failed(engine, model, state);
		}
		if (job === undefined)
			throw new EngineError(
				'badAnswer',
				`${engine.name} did not say how to follow the download of "${model}". Is it this type of engine, and a recent version?`,
				{ engine: engine.name, model },
			);
		const still = performance.now() - moved;
		if (still > stalledMs || performance.now() > endAt) throw stalled(engine, model, state, still);
		await rest(pauseMs, call.signal);
		try {
			const answer = await engine.askWith(pull.status(job), call, undefined, model);
			state = answer.json === undefined ? undefined : pull.read(answer.json);
			silences = 0;
		} catch (error) {
			const lasting = error instanceof EngineError && ['cancelled', 'unauthorized'].includes(error.kind);
			if (lasting || ++silences >= MOST_SILENCES) throw error;
		}
	}
}

function failed(engine: Engine, model: string, { words }: PullState): EngineError {
	const said = words === undefined ? 'It does not say why; its log may.' : `It said: ${words}`;
	return new EngineError('server', `${engine.name} could not download "${model}". ${said}`, {
		engine: engine.name,
		model,
		engineMessage: words,
	});
}

function stalled(engine: Engine, model: string, state: PullState | undefined, ms: number): EngineError {
	return new EngineError(
		'timeout',
		`The download of "${model}" on ${engine.name} stands still since ${Math.round(ms / 1000)} s (${state?.status ?? 'no word of it'}). Is it paused there, or the disk full? It goes on by itself once it can; pull the model again to follow it.`,
		{ engine: engine.name, model },
	);
}

async function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
	try {
		await sleep(ms, undefined, { signal });
	} catch (cause) {
		throw new EngineError(
			'cancelled',
			'The download is no longer watched; the engine goes on with it by itself.',
			{ cause },
		);
	}
}
