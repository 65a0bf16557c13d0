import { setTimeout as sleep } from 'node:timers/promises';
import type { DialectSpec } from '../dialects';
import { EngineError, type EngineErrorKind } from '../errors';
import type { ExchangeLimits } from '../transport/exchange';
import type { Attempt, CallOptions, Deadlines, Feature, ModelUse, PoolOptions } from '../types';
import { chooseEngine } from './choose';
import type { Engine } from './engine';
import type { Slots } from './slots';

/** Defaults of `Deadlines`, ms. The first token waits for cold loads of big models and for prompts on CPUs. */
export const DEADLINES = {
	connectMs: 5_000,
	firstTokenMs: 180_000,
	betweenTokensMs: 60_000,
	totalMs: 900_000,
	queueMs: 120_000,
} as const satisfies Required<Deadlines>;

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

export interface Routes {
	readonly engines: readonly Engine[];
	readonly slots: Slots;
	readonly options: PoolOptions;
	/** Counts calls, so that ties between engines go round. */
	turn: number;
}

/** One piece of work that any suitable engine may do. */
export interface Job<T> {
	readonly use: ModelUse;
	readonly model?: string;
	readonly needs: readonly Feature[];
	readonly affinity?: number;
	/** Looks before it is sent whether this engine can take it; the error it returns counts as the engine's answer. */
	readonly check?: (
		engine: Engine,
		spec: DialectSpec,
		model: string,
	) => EngineError | undefined | Promise<EngineError | undefined>;
	readonly run: (engine: Engine, spec: DialectSpec, model: string, limits: ExchangeLimits) => Promise<T>;
	/** Something of the answer has reached the caller: there is no way back. */
	readonly committed?: () => boolean;
}

export interface Outcome<T> {
	readonly value: T;
	readonly engine: Engine;
	readonly spec: DialectSpec;
	readonly model: string;
	readonly attempts: readonly Attempt[];
	readonly queueMs: number;
	readonly startedAt: number;
}

/** Told as soon as an engine was chosen, before it is asked; `attempts` are the failed ones so far. */
export type OnChosen = (engine: Engine, model: string, attempts: readonly Attempt[]) => void;

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
	const deadlines = { ...DEADLINES, ...defined(routes.options.deadlines), ...defined(call.deadlines) };
	const endAt = startedAt + deadlines.totalMs;
	const limits: ExchangeLimits = {
		connectMs: deadlines.connectMs,
		firstTokenMs: deadlines.firstTokenMs,
		betweenTokensMs: deadlines.betweenTokensMs,
		endAt,
	};
	const attempts: Attempt[] = [];
	const errors = new Map<Engine, EngineError>();
	const left = new Set<Engine>();
	const allowed = allowedEngines(routes, call);

	let patienceMs = routes.options.patienceMs ?? PATIENCE_MS;

	for (let round = 0; ; ) {
		const tried = new Set<Engine>();
		for (;;) {
			const able = await ableEngines(allowed, job, call, left, tried, errors, endAt);
			const engine = await nextEngine(routes, able, job, deadlines.queueMs, endAt, call);
			if (engine === undefined) break;
			const takenAt = performance.now();
			tried.add(engine);
			let model = engine.modelGuess(job.model, job.use);
			let probe = false;
			try {
				const readyAt = Math.min(endAt, takenAt + deadlines.firstTokenMs);
				const spec = await inTime(engine.dialect(call), engine, readyAt, call.signal);
				// What an `auto` engine is (FreeLLMAPI is remote) is only known now.
				if (engine.remote && !remoteAllowed(routes, call)) throw staysHere(engine.name);
				model = await inTime(engine.model(job.model, job.use), engine, readyAt, call.signal);
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
		const hopeful = allowed.filter((engine) => !left.has(engine));
		// Nobody could even be tried (all paused): that is waiting, not another round.
		const idle = tried.size === 0;
		const loading =
			!idle && hopeful.length > 0 && hopeful.every((engine) => errors.get(engine)?.kind === 'loading');
		if (!idle && !loading) round++;
		const waitMs = waitFor(
			hopeful,
			job,
			idle ? IDLE_POLL_MS : loading ? LOADING_POLL_MS : FIRST_BACKOFF_MS * 2 ** (round - 1),
		);
		if (idle) patienceMs -= waitMs;
		const tooLong = waitMs > LONGEST_WAIT_MS || patienceMs < 0 || performance.now() + waitMs >= endAt;
		if (hopeful.length === 0 || round > (routes.options.rounds ?? 2) || tooLong) {
			throw verdict(job, allowed, errors, attempts);
		}
		await pause(waitMs, call.signal, attempts);
	}
}

/**
 * What is asked of an engine before the request itself (its type, its models, its context) is shared between calls and has
 * deadlines of its own; a call waits for it only as long as its own deadlines allow.
 */
function inTime<T>(
	value: T | Promise<T>,
	engine: Engine,
	endAt: number,
	signal: AbortSignal | undefined,
): T | Promise<T> {
	if (!(value instanceof Promise)) return value;
	return new Promise<T>((resolve, reject) => {
		const onAbort = (): void =>
			end(new EngineError('cancelled', 'The call was cancelled.', { engine: engine.name }));
		const timer = setTimeout(
			() =>
				end(
					new EngineError(
						'timeout',
						`${engine.name} did not say in time what it is and what it holds. Is it hanging?`,
						{ engine: engine.name },
					),
				),
			Math.max(endAt - performance.now(), 0),
		);
		const end = (error?: EngineError): void => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', onAbort);
			if (error !== undefined) reject(error);
		};
		signal?.addEventListener('abort', onAbort, { once: true });
		value.finally(() => end()).then(resolve, reject);
	});
}

/** Which engines this call may use at all: by name, and remote ones only where allowed. */
function allowedEngines(routes: Routes, call: CallOptions): Engine[] {
	const named =
		call.engines === undefined
			? routes.engines
			: routes.engines.filter(({ name }) => call.engines?.includes(name));
	if (named.length === 0) {
		const message =
			call.engines === undefined || routes.engines.length === 0
				? 'No engine is configured. Add one to the credential.'
				: `There is no engine named ${call.engines.join(', ')}. There are: ${routes.engines.map(({ name }) => name).join(', ')}.`;
		throw new EngineError('unsupported', message);
	}
	const allowed = remoteAllowed(routes, call) ? named : named.filter((engine) => !engine.remote);
	if (allowed.length === 0) throw staysHere(named.map(({ name }) => name).join(', '));
	return [...allowed];
}

function remoteAllowed(routes: Routes, call: CallOptions): boolean {
	return call.allowRemote ?? routes.options.allowRemote ?? false;
}

function staysHere(names: string): EngineError {
	return new EngineError(
		'unsupported',
		`${names} is remote, and this call does not allow text to leave the premises. Allow remote engines, or use a local one.`,
	);
}

/** Those not tried in this round that can do what the job needs; finds out what an `auto` engine is on the way. */
async function ableEngines<T>(
	allowed: readonly Engine[],
	job: Job<T>,
	call: CallOptions,
	left: Set<Engine>,
	tried: ReadonlySet<Engine>,
	errors: Map<Engine, EngineError>,
	endAt: number,
): Promise<Engine[]> {
	const open = allowed.filter((engine) => !left.has(engine) && !tried.has(engine));
	const unknown = open.filter((engine) => engine.known === undefined);
	if (unknown.length > 0)
		await Promise.allSettled(
			unknown.map((engine) => inTime(engine.dialect(call), engine, endAt, call.signal)),
		);
	return open.filter((engine) => {
		const spec = engine.known;
		// Could not be asked: it stays a candidate, and trying it says why.
		if (spec === undefined) return true;
		const missing = job.needs.filter((feature) => !spec.can.has(feature));
		if (missing.length === 0) return true;
		left.add(engine);
		errors.set(
			engine,
			new EngineError('unsupported', `${engine.name} (${spec.label}) has no ${missing.join(', ')}.`, {
				engine: engine.name,
			}),
		);
		return false;
	});
}

/** Takes a place at the best engine that may be asked now; undefined when there is none (all paused or tried). */
async function nextEngine<T>(
	routes: Routes,
	able: readonly Engine[],
	job: Job<T>,
	queueMs: number,
	endAt: number,
	call: CallOptions,
): Promise<Engine | undefined> {
	if (call.signal?.aborted === true) throw new EngineError('cancelled', 'The call was cancelled.');
	const now = performance.now();
	const ready = able.filter((engine) => blockedMs(engine, job, now) === 0);
	if (ready.length === 0) return undefined;
	const fitting = holdersFirst(ready, job);
	const tier = fitting.reduce((lowest, engine) => Math.min(lowest, engine.tier), Number.POSITIVE_INFINITY);
	const tierMates = fitting.filter((engine) => engine.tier === tier);
	const roomy = tierMates.filter((engine) => routes.slots.free(engine));
	const chosen = chooseEngine(roomy, job.affinity, routes.options.affinityImbalance ?? 4, routes.turn++);
	if (chosen !== undefined) {
		routes.slots.take(chosen);
		return chosen;
	}
	return await routes.slots.wait(tierMates, Math.max(Math.min(queueMs, endAt - now), 0), call.signal);
}

/**
 * When an engine is set up with the very model that is asked for, those set up with another one, which would answer with
 * theirs, stand back: they come in only when it cannot answer.
 */
function holdersFirst<T>(engines: readonly Engine[], { model, use }: Job<T>): readonly Engine[] {
	if (model === undefined || model === '') return engines;
	if (!engines.some((engine) => engine.setUpFor(model, use) === true)) return engines;
	return engines.filter((engine) => engine.setUpFor(model, use) !== false);
}

function blockedMs<T>(engine: Engine, job: Job<T>, now: number): number {
	const breaker = engine.breaker(engine.modelGuess(job.model, job.use)).waitMs(now);
	return Math.max(breaker, engine.notBefore - now, 0);
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

/** A prompt too long for one engine goes only to engines that have, or may have, more room. */
function leaveNoLarger(allowed: readonly Engine[], error: EngineError, left: Set<Engine>): void {
	const failed = error.contextTokens;
	if (failed === undefined) return;
	for (const engine of allowed) {
		const known = engine.contextSeen;
		if (known !== undefined && known <= failed) left.add(engine);
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

/** Which failure explains best why nobody answered: what the caller can change before what may pass by itself. */
const EXPLAINS: readonly EngineErrorKind[] = [
	'contextExceeded',
	'modelNotFound',
	'unauthorized',
	'interrupted',
	'badAnswer',
	'server',
	'timeout',
	'rateLimited',
	'overloaded',
	'loading',
	'unreachable',
	'unsupported',
];

function verdict<T>(
	job: Job<T>,
	allowed: readonly Engine[],
	errors: ReadonlyMap<Engine, EngineError>,
	attempts: readonly Attempt[],
): EngineError {
	const failures = [...errors.values()];
	const [only] = failures;
	if (only === undefined) {
		const names = allowed.map(({ name }) => name).join(', ');
		return new EngineError(
			'unreachable',
			`${names} failed several times in a row and is left alone for a moment. Try again shortly.`,
			{ attempts },
		);
	}
	if (failures.every(({ kind }) => kind === 'unsupported') && attempts.length === 0) {
		return new EngineError(
			'unsupported',
			`No engine here can do this (${job.needs.join(', ')}). ${failures.map(({ message }) => message).join(' ')}`,
			{ attempts },
		);
	}
	if (failures.length === 1) return only.with({ attempts });
	const best = failures.reduce((a, b) => (EXPLAINS.indexOf(b.kind) < EXPLAINS.indexOf(a.kind) ? b : a));
	const list = [...errors]
		.map(([engine, error]) => `${engine.name}: ${error.kind} — ${error.message}`)
		.join('\n');
	return new EngineError(best.kind, `None of ${failures.length} engines could answer.\n${list}`, {
		engine: best.engine,
		model: best.model,
		status: best.status,
		engineMessage: best.engineMessage,
		retryAfterMs: best.retryAfterMs,
		partial: best.partial,
		promptTokens: best.promptTokens,
		contextTokens: best.contextTokens,
		attempts,
		cause: best,
	});
}

function defined(deadlines: Deadlines | undefined): Partial<Required<Deadlines>> {
	return Object.fromEntries(Object.entries(deadlines ?? {}).filter(([, value]) => value !== undefined));
}
