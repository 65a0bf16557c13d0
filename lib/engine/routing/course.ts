import type { DialectSpec } from '../dialects';
import { EngineError, type EngineErrorKind, type Attempt } from '../errors';
import type { ExchangeLimits } from '../transport/exchange';
import type { CallOptions } from '../types/pool';
import { showsLife, type Probe } from './breaker';
import { limitsOf } from './deadlines';
import type { Engine } from './engine';
import type { Job, Routes } from './job';

/** An engine with the name under which it is asked for a model. */
export interface Candidate {
	readonly engine: Engine;
	/** Of the request, or of its list of stand-ins; undefined: the engine's own model. */
	readonly name: string | undefined;
	/** The lowest that can is asked; equal ones share the load. */
	readonly rank: number;
}

/** A candidate that was found able: what it is, and what it calls the model. */
export interface Ready {
	readonly candidate: Candidate;
	readonly engine: Engine;
	readonly spec: DialectSpec;
	readonly model: string;
}

/** One call on its way over the engines. */
export interface Course<T> {
	readonly routes: Routes;
	readonly job: Job<T>;
	readonly call: CallOptions;
	readonly limits: ExchangeLimits & { readonly queueMs: number };
	readonly startedAt: number;
	readonly all: readonly Candidate[];
	/** Not asked again in this call. */
	readonly left: Set<Candidate>;
	/** What each said last, where it was asked. */
	readonly errors: Map<Candidate, EngineError>;
	/** Why some are not asked at all now: their breakers are open. */
	readonly paused: Map<Candidate, EngineError>;
	readonly attempts: Attempt[];
	/** It has left an engine that hangs. Once is enough: the next may only be slow. */
	moved?: boolean;
}

/** What the loop does after a failure of each kind. */
const VERDICTS: { readonly [kind in EngineErrorKind]: 'give up' | 'leave engine' | 'try again' } = {
	invalidRequest: 'give up',
	cancelled: 'give up',
	unauthorized: 'leave engine',
	modelNotFound: 'leave engine',
	contextExceeded: 'leave engine',
	unsupported: 'leave engine',
	// It has tried, and told that it cannot: asked again it would read the file from disk again.
	loadFailed: 'leave engine',
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

/** Whether no other engine could answer this call any more. */
export function isOnly<T>({ all, left }: Course<T>, { engine }: Candidate): boolean {
	return all.every((other) => other.engine === engine || left.has(other));
}

/** Whether a call that waits for this engine is to go on to another: it hangs, and another one is well. */
export async function mayMove<T>(course: Course<T>, candidate: Candidate): Promise<boolean> {
	const { all, left } = course;
	const others = all.some(
		(other) =>
			other.engine !== candidate.engine && !left.has(other) && other.engine.breakers.away() === undefined,
	);
	if (course.moved === true || !others || !(await candidate.engine.hangs())) return false;
	course.moved = true;
	return true;
}

export function leave<T>(course: Course<T>, candidate: Candidate, error: EngineError): void {
	course.left.add(candidate);
	course.errors.set(candidate, error);
}

/**
 * Writes down that a candidate has failed.
 *
 * @throws the error itself where no other engine may be asked: the request is wrong, or something of the answer is out
 */
export function noteFailure<T>(
	course: Course<T>,
	candidate: Candidate,
	thrown: unknown,
	at: {
		readonly model: string;
		readonly spec?: DialectSpec;
		readonly takenAt: number;
		readonly queueMs: number;
	},
): void {
	const { engine } = candidate;
	const { job, errors, all } = course;
	const error = asEngineError(thrown, engine, at.model);
	report(course, engine, at, error);
	engine.failed(error, at.model, probeOf(course, engine, at.spec, at.model));
	const over = performance.now() >= course.limits.endAt;
	if (job.committed?.() === true || VERDICTS[error.kind] === 'give up' || over)
		throw error.with({ attempts: course.attempts });
	const before = errors.get(candidate)?.kind;
	const late = error.kind === 'timeout' && (all.length === 1 || before === 'timeout');
	if (late || VERDICTS[error.kind] === 'leave engine') course.left.add(candidate);
	errors.set(candidate, error);
	if (error.kind === 'contextExceeded') leaveNoLarger(course, error);
}

/** Writes down what an engine was asked, and tells the caller. */
export function report<T>(
	{ attempts, call }: Course<T>,
	engine: Engine,
	{ model, takenAt, queueMs }: { readonly model: string; readonly takenAt: number; readonly queueMs: number },
	error?: EngineError,
): void {
	const attempt: Attempt = {
		engine: engine.name,
		model,
		outcome: error?.kind ?? 'ok',
		...(error?.status === undefined ? {} : { status: error.status }),
		...(error === undefined ? {} : { message: error.engineMessage ?? error.message }),
		queueMs: Math.round(queueMs),
		ms: Math.round(performance.now() - takenAt),
	};
	attempts.push(attempt);
	call.onAttempt?.(attempt);
}

/** What shows whether it works again; without its type known, whether it says what it is. */
function probeOf<T>(
	{ job, routes }: Course<T>,
	engine: Engine,
	spec: DialectSpec | undefined,
	model: string,
): Probe {
	const { probe } = job;
	return async () => {
		try {
			if (spec === undefined) await engine.dialect();
			else await probe(engine, spec, model, limitsOf(performance.now(), routes.options.deadlines, undefined));
			return undefined;
		} catch (thrown) {
			const error = asEngineError(thrown, engine, model);
			// Full, slow or loading is no illness: callers are told, and go elsewhere.
			const well = showsLife(error) || ['overloaded', 'rateLimited', 'loading'].includes(error.kind);
			return well ? undefined : error;
		}
	};
}

/** A prompt too long for one engine goes only to engines that have, or may have, more room. */
function leaveNoLarger<T>({ all, left }: Course<T>, { contextTokens }: EngineError): void {
	if (contextTokens === undefined) return;
	for (const candidate of all) {
		const known = candidate.engine.contextSeen;
		if (known !== undefined && known <= contextTokens) left.add(candidate);
	}
}

function asEngineError(thrown: unknown, engine: Engine, model: string): EngineError {
	if (thrown instanceof EngineError) return thrown;
	return new EngineError('badAnswer', `The answer of ${engine.name} could not be read.`, {
		engine: engine.name,
		model,
		cause: thrown,
	});
}
