import { EngineError } from '../errors';
import type { CallOptions } from '../types/pool';
import { chooseEngine } from './choose';
import { inTime } from './deadlines';
import type { Engine } from './engine';
import type { Job, Routes } from './job';

/** Which engines this call may use at all: by name, and remote ones only where allowed. */
export function allowedEngines(routes: Routes, call: CallOptions): Engine[] {
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

export function remoteAllowed(routes: Routes, call: CallOptions): boolean {
	return call.allowRemote ?? routes.options.allowRemote ?? false;
}

export function staysHere(names: string): EngineError {
	return new EngineError(
		'unsupported',
		`${names} is remote, and this call does not allow text to leave the premises. Allow remote engines, or use a local one.`,
	);
}

/**
 * Those not tried in this round that can do what the job needs; finds out what an `auto` engine is on the way (but does not
 * ask one that is being left alone). The others are put into `left`, with the reason.
 */
export async function ableEngines<T>(
	allowed: readonly Engine[],
	job: Job<T>,
	call: CallOptions,
	left: Set<Engine>,
	tried: ReadonlySet<Engine>,
	errors: Map<Engine, EngineError>,
	endAt: number,
): Promise<Engine[]> {
	const open = allowed.filter((engine) => !left.has(engine) && !tried.has(engine));
	const now = performance.now();
	const unknown = open.filter((engine) => engine.known === undefined && blockedMs(engine, job, now) === 0);
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

/**
 * Takes a place at the best engine that may be asked now; undefined when there is none (all paused or tried). A tier that
 * is full is waited for; the next one takes over when that has lasted `queueMs`.
 *
 * @throws EngineError `overloaded` when no tier has room in time, `cancelled`.
 */
export async function nextEngine<T>(
	routes: Routes,
	able: readonly Engine[],
	job: Job<T>,
	queueMs: number,
	endAt: number,
	call: CallOptions,
): Promise<Engine | undefined> {
	const queueEndAt = Math.min(performance.now() + queueMs, endAt);
	let full: EngineError | undefined;
	let tier = Number.NEGATIVE_INFINITY;
	for (;;) {
		if (call.signal?.aborted === true) throw new EngineError('cancelled', 'The call was cancelled.');
		const now = performance.now();
		const ready = able.filter((engine) => blockedMs(engine, job, now) === 0);
		const fitting = holdersFirst(ready, job).filter((engine) => engine.tier > tier);
		if (fitting.length === 0) {
			if (full !== undefined) throw full;
			return undefined;
		}
		const best = fitting.reduce((lowest, engine) => Math.min(lowest, engine.tier), Number.POSITIVE_INFINITY);
		const tierMates = fitting.filter((engine) => engine.tier === best);
		const roomy = tierMates.filter((engine) => routes.slots.free(engine));
		const chosen = chooseEngine(roomy, job.affinity, routes.options.affinityImbalance ?? 4, routes.turn++);
		if (chosen !== undefined) {
			routes.slots.take(chosen);
			return chosen;
		}
		try {
			const freed = await routes.slots.wait(tierMates, Math.max(queueEndAt - now, 0), call.signal);
			if (blockedMs(freed, job, performance.now()) === 0) return freed;
			// It broke down while this call waited for it: look again who is left.
			routes.slots.release(freed);
		} catch (error) {
			if (!(error instanceof EngineError) || error.kind !== 'overloaded') throw error;
			full = error;
			tier = best;
		}
	}
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

/** How long the engine is to be left alone: its breaker is open, or it asked for that (Retry-After). */
export function blockedMs<T>(engine: Engine, job: Job<T>, now: number): number {
	const breaker = engine.breaker(engine.modelGuess(job.model, job.use)).waitMs(now);
	return Math.max(breaker, engine.notBefore - now, 0);
}

/** A prompt too long for one engine goes only to engines that have, or may have, more room. */
export function leaveNoLarger(allowed: readonly Engine[], error: EngineError, left: Set<Engine>): void {
	const failed = error.contextTokens;
	if (failed === undefined) return;
	for (const engine of allowed) {
		const known = engine.contextSeen;
		if (known !== undefined && known <= failed) left.add(engine);
	}
}
