import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, type EngineErrorKind, type Attempt } from '../errors';
import type { CallOptions } from '../types/pool';
import {
	ableEngines,
	allowedEngines,
	blockedMs,
	leaveNoLarger,
	nextEngine,
	remoteAllowed,
	staysHere,
} from './candidates';
import { inTime, limitsOf } from './deadlines';
import type { Engine } from './engine';
import type { Job, OnChosen, Outcome, Routes } from './job';
import { verdict } from './verdict';

/** Nobody is waited for longer than this between two rounds (Retry-After, open breakers). */
const LONGEST_WAIT_MS = 60_000;
const FIRST_BACKOFF_MS = 250;
/** After a pause one call tries the engine; the others look again so soon whether it is back. */
const IDLE_POLL_MS = 50;
const PATIENCE_MS = 15_000;
/** How often an engine that loads its model is asked again. */
const LOADING_POLL_MS = 1_000;

/** What the loop does after a failure of each kind. */
const VERDICTS: { readonly [kind in EngineErrorKind]: 'give up' | 'leave engine' | 'try again' } = {
	invalidRequest: 'give up',
	cancelled: 'give up',
	unauthorized: 'leave engine',
	modelNotFound: 'leave engine',
	contextExceeded: 'leave engine',
	unsupported: 'leave engine',
	// It had its chance and may still be working on it: the only engine is not asked again, one of several once more.
	timeout: 'try again',
	unreachable: 'try again',
	loading: 'try again',
	overloaded: 'try again',
	rateLimited: 'try again',
	badAnswer: 'try again',
	interrupted: 'try again',
	server: 'try again',
};

/**
 * The one retry loop. A round goes over the engines, best tier first; a failure moves on to the next engine; after the
 * round those that may recover are waited for (backoff, Retry-After, breaker pauses; engines that load as long as it
 * takes), at most `rounds` more times and never beyond the call's total deadline. While all of them are paused nothing is
 * tried and no round is used up; a call has `patienceMs` for that altogether.
 *
 * @throws EngineError of the kind that explains best why nobody answered, with all attempts.
 */
export async function withFailover<T>(
	routes: Routes,
	job: Job<T>,
	call: CallOptions,
	onChosen?: OnChosen,
): Promise<Outcome<T>> {
	const startedAt = performance.now();
	const limits = limitsOf(startedAt, routes.options.deadlines, call.deadlines);
	const { endAt } = limits;
	const attempts: Attempt[] = [];
	const errors = new Map<Engine, EngineError>();
	const left = new Set<Engine>();
	const allowed = allowedEngines(routes, call);

	let patienceMs = routes.options.patienceMs ?? PATIENCE_MS;

	for (let round = 0; ; ) {
		const tried = new Set<Engine>();
		for (;;) {
			const able = await ableEngines(allowed, job, call, left, tried, errors, endAt);
			const engine = await nextEngine(routes, able, job, limits.queueMs, endAt, call).catch(
				(error: unknown) => {
					throw error instanceof EngineError ? error.with({ attempts }) : error;
				},
			);
			if (engine === undefined) break;
			const takenAt = performance.now();
			tried.add(engine);
			let model = engine.modelGuess(job.model, job.use);
			let probe = false;
			try {
				const readyAt = Math.min(endAt, takenAt + limits.firstTokenMs);
				const spec = await inTime(engine.dialect(call), engine, readyAt, call.signal);
				// What an `auto` engine is (FreeLLMAPI is remote) is only known now.
				if (engine.remote && !remoteAllowed(routes, call)) throw staysHere(engine.name);
				model = await inTime(engine.model(job.model, job.use), engine, readyAt, call.signal);
				if (!remoteAllowed(routes, call)) {
					const away = await inTime(engine.handsOn(model), engine, readyAt, call.signal);
					if (away) throw staysHere(`${model} on ${engine.name}`);
				}
				probe = engine.breaker(model).begin();
				const refused = await inTime(job.check?.(engine, spec, model), engine, readyAt, call.signal);
				if (refused !== undefined) throw refused;
				onChosen?.(engine, model, attempts);
				const value = await job.run(engine, spec, model, limits);
				report(attempts, engine, model, 'ok', undefined, takenAt, startedAt, call);
				engine.note('ok', model, undefined, probe);
				return { value, engine, spec, model, attempts, queueMs: takenAt - startedAt, startedAt };
			} catch (thrown) {
				const error = asEngineError(thrown, engine, model);
				report(attempts, engine, model, error.kind, error, takenAt, startedAt, call);
				engine.note(error.kind, model, error, probe);
				if (job.committed?.() === true || VERDICTS[error.kind] === 'give up' || performance.now() >= endAt) {
					throw error.with({ attempts });
				}
				const late =
					error.kind === 'timeout' && (allowed.length === 1 || errors.get(engine)?.kind === 'timeout');
				if (late || VERDICTS[error.kind] === 'leave engine') left.add(engine);
				errors.set(engine, error);
				if (error.kind === 'contextExceeded') leaveNoLarger(allowed, error, left);
			} finally {
				routes.slots.release(engine);
			}
		}
		// Nobody could even be tried (all paused): that is waiting, not another round.
		const idle = tried.size === 0;
		const isLoading = (engine: Engine): boolean => errors.get(engine)?.kind === 'loading';
		const rounds = routes.options.rounds ?? 2;
		let hopeful = allowed.filter((engine) => !left.has(engine));
		// The others have had their rounds: from now on only those that load are waited for.
		if (round >= rounds && hopeful.some(isLoading)) hopeful = hopeful.filter(isLoading);
		const loading = !idle && hopeful.length > 0 && hopeful.every(isLoading);
		if (!idle && !loading) round++;
		const waitMs = waitFor(
			hopeful,
			job,
			idle ? IDLE_POLL_MS : loading ? LOADING_POLL_MS : FIRST_BACKOFF_MS * 2 ** (round - 1),
		);
		// Patience is for breakers; an engine that named the time itself (Retry-After) is waited for.
		const asked = hopeful.some(({ notBefore }) => notBefore > performance.now());
		if (idle && !asked) patienceMs -= waitMs;
		const tooLong = waitMs > LONGEST_WAIT_MS || patienceMs < 0 || performance.now() + waitMs >= endAt;
		if (hopeful.length === 0 || round > rounds || tooLong) {
			throw verdict(job, allowed, errors, attempts);
		}
		await pause(waitMs, call.signal, attempts);
	}
}

/** How long until another round makes sense: the first pause that ends, at least a jittered backoff. */
function waitFor<T>(hopeful: readonly Engine[], job: Job<T>, backoffMs: number): number {
	const now = performance.now();
	const blocked = Math.min(...hopeful.map((engine) => blockedMs(engine, job, now)));
	return Math.max(backoffMs * (0.75 + Math.random() / 2), blocked);
}

async function pause(
	ms: number,
	signal: AbortSignal | undefined,
	attempts: readonly Attempt[],
): Promise<void> {
	try {
		await sleep(ms, undefined, { signal });
	} catch (cause) {
		throw new EngineError('cancelled', 'The call was cancelled while it waited for an engine to recover.', {
			attempts,
			cause,
		});
	}
}

function report(
	attempts: Attempt[],
	engine: Engine,
	model: string,
	outcome: 'ok' | EngineErrorKind,
	error: EngineError | undefined,
	takenAt: number,
	startedAt: number,
	call: CallOptions,
): void {
	const attempt: Attempt = {
		engine: engine.name,
		model,
		outcome,
		...(error?.status === undefined ? {} : { status: error.status }),
		...(error === undefined ? {} : { message: error.engineMessage ?? error.message }),
		queueMs: attempts.length === 0 ? Math.round(takenAt - startedAt) : 0,
		ms: Math.round(performance.now() - takenAt),
	};
	attempts.push(attempt);
	call.onAttempt?.(attempt);
}

function asEngineError(thrown: unknown, engine: Engine, model: string): EngineError {
	if (thrown instanceof EngineError) return thrown;
	return new EngineError('badAnswer', `The answer of ${engine.name} could not be read.`, {
		engine: engine.name,
		model,
		cause: thrown,
	});
}
