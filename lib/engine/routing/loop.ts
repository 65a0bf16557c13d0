import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, type EngineErrorKind } from '../errors';
import type { CallOptions } from '../types/pool';
import { candidatesOf, nextReady } from './candidates';
import { type Candidate, type Course, mayMove, noteFailure, report } from './course';
import { inTime, limitsOf } from './deadlines';
import type { Job, OnChosen, Outcome, Routes } from './job';
import { verdict } from './verdict';

/** Nobody is waited for longer than this between two rounds (Retry-After). */
const LONGEST_WAIT_MS = 60_000;
const FIRST_BACKOFF_MS = 250;
const PATIENCE_MS = 15_000;
/** Further rounds while every failure was a broken connection: engines are restarting, and the next moment one may be there. */
const BROKEN_ROUNDS = 2;
/** How often an engine that loads its model is asked again. */
const LOADING_POLL_MS = 1_000;

/**
 * The one retry loop. A round goes over the engines, best tier first; a failure moves on to the next engine; after the
 * round those that may recover are waited for (backoff, Retry-After; engines that load as long as it takes), at most `rounds`
 * more times (two more where several engines broke the connection) and never beyond the call's total deadline. Engines whose breaker is open are not asked; while all of them are
 * away, the call waits up to `patienceMs` altogether for one to come back, and goes on at once when one does.
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
	const course: Course<T> = {
		routes,
		job,
		call,
		limits: limitsOf(startedAt, routes.options.deadlines, call.deadlines),
		startedAt,
		all: candidatesOf(routes, job, call),
		left: new Set(),
		errors: new Map(),
		paused: new Map(),
		attempts: [],
	};
	let patienceMs = routes.options.patienceMs ?? PATIENCE_MS;
	for (let round = 0; ; ) {
		course.paused.clear();
		const tried = new Set<Candidate>();
		const outcome = await oneRound(course, tried, onChosen);
		if (outcome !== undefined) return outcome;

		const hopeful = course.all.filter((candidate) => !course.left.has(candidate));
		if (hopeful.length === 0) throw verdict(course);
		const waitEndAt = performance.now() + Math.min(course.limits.endAt - performance.now(), LONGEST_WAIT_MS);
		const nextAskedMs = untilAsked(hopeful);
		if (tried.size > 0) {
			// The others have had their rounds: from then on only those that load are waited for.
			const loading = hopeful.filter((candidate) => course.errors.get(candidate)?.kind === 'loading');
			const onlyLoading =
				loading.length === hopeful.length || (round >= roundsOf(routes) && loading.length > 0);
			if (!onlyLoading) round++;
			const backoffMs = onlyLoading ? LOADING_POLL_MS : FIRST_BACKOFF_MS * 2 ** (round - 1);
			const allAsked = hopeful.every(({ engine }) => engine.notBefore > performance.now());
			const waitMs = Math.max(backoffMs * (0.75 + Math.random() / 2), allAsked ? (nextAskedMs ?? 0) : 0);
			const rounds = roundsOf(routes) + (areRestarting(course, hopeful) ? BROKEN_ROUNDS : 0);
			if (round > rounds || performance.now() + waitMs >= waitEndAt) throw verdict(course);
			await pause(waitMs, course);
		} else if (nextAskedMs !== undefined) {
			// Patience is for breakers; an engine that named the time itself is waited for.
			if (performance.now() + nextAskedMs >= waitEndAt) throw verdict(course);
			await routes.recovered.wait(nextAskedMs, call.signal);
		} else if (course.paused.size > 0) {
			const waitMs = Math.min(patienceMs, course.limits.endAt - performance.now());
			if (waitMs <= 0 || !mayComeBack(course)) throw verdict(course);
			const since = performance.now();
			await routes.recovered.wait(waitMs, call.signal);
			patienceMs -= performance.now() - since;
		}
	}
}

const roundsOf = ({ options }: Routes): number => options.rounds ?? 2;

/** Several engines, and each broke the connection: nothing was said against the request. */
function areRestarting<T>(
	{ all, errors, paused, routes }: Course<T>,
	hopeful: readonly Candidate[],
): boolean {
	const broke = (candidate: Candidate): boolean => {
		const kind = (errors.get(candidate) ?? paused.get(candidate))?.kind;
		return kind === 'unreachable' || kind === 'interrupted';
	};
	return all.length > 1 && hopeful.length > 1 && roundsOf(routes) > 0 && hopeful.every(broke);
}

/** Goes over the engines once; undefined when nobody answered. */
async function oneRound<T>(
	course: Course<T>,
	tried: Set<Candidate>,
	onChosen: OnChosen | undefined,
): Promise<Outcome<T> | undefined> {
	const { routes, job, call, limits, attempts, startedAt } = course;
	for (;;) {
		const next = await nextReady(course, tried).catch((error: unknown) => {
			throw error instanceof EngineError && error.attempts.length === 0 ? error.with({ attempts }) : error;
		});
		if (next === undefined) return undefined;
		const { candidate, engine, spec, model } = next.ready;
		const { queueMs } = next;
		const takenAt = performance.now();
		tried.add(candidate);
		try {
			const readyAt = Math.min(limits.endAt, takenAt + limits.firstTokenMs);
			const refused = await inTime(job.check?.(engine, spec, model), engine, readyAt, call.signal);
			if (refused !== undefined) throw refused;
			onChosen?.(engine, model, attempts);
			const hangs = (): Promise<boolean> => mayMove(course, candidate);
			const isWanted = (): boolean => routes.slots.waitingFor(engine) > 0;
			const value = await job.run(engine, spec, model, { ...limits, hangs, isWanted });
			engine.succeeded(model);
			report(course, engine, { model, takenAt, queueMs });
			return { value, engine, spec, model, attempts, queueMs, startedAt };
		} catch (thrown) {
			noteFailure(course, candidate, thrown, { model, spec, takenAt, queueMs });
		} finally {
			routes.slots.release(engine, call.caller);
		}
	}
}

/** Ms until the first of those that asked for time (Retry-After) may be asked again; undefined when none did. */
function untilAsked(hopeful: readonly Candidate[]): number | undefined {
	const now = performance.now();
	const waits = hopeful.map(({ engine }) => engine.notBefore - now).filter((ms) => ms > 0);
	return waits.length === 0 ? undefined : Math.min(...waits);
}

/** Failures of an engine that does not answer; after the others it did answer. */
const AWAY: ReadonlySet<EngineErrorKind> = new Set(['unreachable', 'timeout', 'interrupted']);

/** An engine that is away may be on its way back; one that answers with errors would only be waited for in vain. */
function mayComeBack<T>({ paused }: Course<T>): boolean {
	return [...paused.values()].some(({ kind }) => AWAY.has(kind));
}

async function pause<T>(ms: number, { call, attempts }: Course<T>): Promise<void> {
	try {
		await sleep(ms, undefined, { signal: call.signal });
	} catch (cause) {
		throw new EngineError('cancelled', 'The call was cancelled while it waited for an engine to recover.', {
			attempts,
			cause,
		});
	}
}
