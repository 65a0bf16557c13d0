import type { DialectSpec } from '../dialects';
import { EngineError } from '../errors';
import type { CallOptions } from '../types/pool';
import { chooseEngine } from './choose';
import { type Candidate, type Course, isOnly, leave, noteFailure, type Ready } from './course';
import { inTime } from './deadlines';
import type { Engine } from './engine';
import type { Job, Routes } from './job';

/** Which engines this call may use at all: by name, and remote ones only where allowed. */
function allowedEngines(routes: Routes, call: CallOptions): readonly Engine[] {
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
	return allowed;
}

function remoteAllowed(routes: Routes, call: CallOptions): boolean {
	return call.allowRemote ?? routes.options.allowRemote ?? false;
}

function staysHere(names: string): EngineError {
	return new EngineError(
		'unsupported',
		`${names} is outside your network, and this call may use only engines inside it. Turn on "Allow Engines Outside Your Network", or use an engine in your network.`,
	);
}

/** More tiers than anybody has: keeps the ranks of one name below those of the next. */
const TIERS = 10_000;

/**
 * The engines of a call with the names they are asked by. A name that stands for a list of models (`fallbacks`) is asked in
 * the order of that list; for one name, engines that are set up with it come first, then the tiers.
 */
export function candidatesOf<T>(routes: Routes, job: Job<T>, call: CallOptions): Candidate[] {
	const allowed = allowedEngines(routes, call);
	const standIns = job.model === undefined ? undefined : routes.options.fallbacks?.[job.model];
	const names = standIns === undefined || standIns.length === 0 ? [job.model] : standIns;
	return names.flatMap((name, place) => {
		const isSetUp = (engine: Engine): boolean =>
			name !== undefined && name !== '' && engine.setUpFor(name, job.use) === true;
		const some = allowed.some(isSetUp);
		return allowed.map((engine) => ({
			engine,
			name,
			rank: (place * 2 + (some && !isSetUp(engine) ? 1 : 0)) * TIERS + engine.tier,
		}));
	});
}

/**
 * Takes a place at the best engine that may be asked now; undefined when there is none (all paused or tried). Engines of a
 * further tier are looked at only when the nearer ones cannot. A tier that is full is waited for; the next one takes over when
 * that has lasted `queueMs`.
 *
 * @throws EngineError `overloaded` when no tier has room in time, `cancelled`
 */
export async function nextReady<T>(
	course: Course<T>,
	tried: Set<Candidate>,
): Promise<{ readonly ready: Ready; readonly queueMs: number } | undefined> {
	const { all, left, call, limits } = course;
	const since = performance.now();
	const queueEndAt = Math.min(since + limits.queueMs, limits.endAt);
	let full: EngineError | undefined;
	const open = all.filter((candidate) => !left.has(candidate) && !tried.has(candidate));
	const ranks = [...new Set(open.map(({ rank }) => rank))].sort((a, b) => a - b);
	for (const rank of ranks) {
		const mates = open.filter((candidate) => candidate.rank === rank);
		let queueMs = 0;
		for (;;) {
			if (call.signal?.aborted === true) throw new EngineError('cancelled', 'The call was cancelled.');
			const able = await ableOf(course, mates, tried);
			const chosen = choose(course, able);
			if (chosen !== undefined) return { ready: chosen, queueMs };
			if (able.length === 0) break;
			const asked = performance.now();
			try {
				const engines = able.map(({ engine }) => engine);
				const freed = await course.routes.slots.wait(engines, Math.max(queueEndAt - asked, 0), call);
				queueMs += performance.now() - asked;
				const ready = able.find(({ engine }) => engine === freed);
				if (ready !== undefined && mayBeAsked(course, ready.candidate) && isFree(course, ready))
					return { ready, queueMs };
				// It broke down while this call waited for it: look again who is left.
				course.routes.slots.release(freed, call.caller);
			} catch (error) {
				if (!(error instanceof EngineError) || error.kind !== 'overloaded') throw error;
				full = error;
				break;
			}
		}
	}
	if (full !== undefined) throw full;
	return undefined;
}

/** Those of one rank that can do the job, may be asked now, and are not left or tried meanwhile. */
async function ableOf<T>(
	course: Course<T>,
	mates: readonly Candidate[],
	tried: Set<Candidate>,
): Promise<Ready[]> {
	const asked = mates
		.filter(
			(candidate) => !course.left.has(candidate) && !tried.has(candidate) && mayBeAsked(course, candidate),
		)
		.map((candidate) => prepared(course, candidate, tried));
	const known = asked.every((one) => !(one instanceof Promise));
	const ready = known ? (asked as (Ready | undefined)[]) : await Promise.all(asked);
	return ready.filter((one) => one !== undefined).filter((one) => isFree(course, one));
}

/** Whether nothing keeps this call from the engine, whatever the model. With no other engine there is nothing to pause for. */
function mayBeAsked<T>(course: Course<T>, candidate: Candidate): boolean {
	const { engine, name } = candidate;
	if (engine.notBefore > performance.now()) return false;
	const away = engine.breakers.away();
	if (away === undefined || isOnly(course, candidate)) return true;
	const lacked = engine.lacked(name, course.job.use);
	if (lacked === undefined) course.paused.set(candidate, away);
	else leave(course, candidate, lacked);
	return false;
}

function isFree<T>(course: Course<T>, { candidate, engine, model }: Ready): boolean {
	const blocked = engine.breakers.blocked(model);
	if (blocked === undefined || isOnly(course, candidate)) return true;
	course.paused.set(candidate, blocked);
	return false;
}

/** Finds out what the engine is and what it calls the model; undefined where it cannot do the job, which is written down. */
function prepared<T>(
	course: Course<T>,
	candidate: Candidate,
	tried: Set<Candidate>,
): Ready | undefined | Promise<Ready | undefined> {
	const { engine, name } = candidate;
	const { job, call, limits } = course;
	const takenAt = performance.now();
	const guess = engine.modelGuess(name, job.use);
	const refuse = (thrown: unknown, spec?: DialectSpec): undefined => {
		tried.add(candidate);
		noteFailure(course, candidate, thrown, { model: guess, spec, takenAt, queueMs: 0 });
	};
	const withSpec = (spec: DialectSpec): Ready | undefined | Promise<Ready | undefined> => {
		const lacks = lackOf(course, engine, spec);
		if (lacks !== undefined) {
			leave(course, candidate, lacks);
			return undefined;
		}
		const model = engine.model(name, job.use, course.all.length === 1);
		const withModel = (known: string): Ready | undefined | Promise<Ready | undefined> => {
			const ready = { candidate, engine, spec, model: known };
			if (remoteAllowed(course.routes, call)) return ready;
			const away = engine.handsOn(known);
			const stays = (goes: boolean): Ready | undefined => {
				if (goes) leave(course, candidate, staysHere(`${known} on ${engine.name}`));
				return goes ? undefined : ready;
			};
			return away instanceof Promise ? away.then(stays) : stays(away);
		};
		return model instanceof Promise ? model.then(withModel) : withModel(model);
	};
	try {
		const spec = engine.dialect();
		const ready = spec instanceof Promise ? spec.then(withSpec) : withSpec(spec);
		if (!(ready instanceof Promise)) return ready;
		const readyAt = Math.min(limits.endAt, takenAt + limits.firstTokenMs);
		return Promise.resolve(inTime(ready, engine, readyAt, call.signal)).catch((thrown: unknown) => {
			if (isRefusal(thrown)) leave(course, candidate, thrown);
			else refuse(thrown, engine.known);
			return undefined;
		});
	} catch (thrown) {
		return refuse(thrown, engine.known);
	}
}

/** What the engine's list or its set-up says, not a failure of it: nothing that is shown as an attempt. */
const isRefusal = (thrown: unknown): thrown is EngineError =>
	thrown instanceof EngineError &&
	thrown.status === undefined &&
	(thrown.kind === 'modelNotFound' || thrown.kind === 'unsupported');

/** Why an engine of this type cannot do the job at all. */
function lackOf<T>(
	{ job, routes, call }: Course<T>,
	engine: Engine,
	spec: DialectSpec,
): EngineError | undefined {
	// What an `auto` engine is (FreeLLMAPI is remote) is only known now.
	if (engine.remote && !remoteAllowed(routes, call)) return staysHere(engine.name);
	const missing = job.needs.filter((feature) => !spec.can.has(feature));
	if (missing.length === 0) return undefined;
	const message = `${engine.name} (${spec.label}) has no ${missing.join(', ')}.`;
	return new EngineError('unsupported', message, { engine: engine.name });
}

/** Takes a place at the best of those that have one free. */
function choose<T>({ routes, job, call }: Course<T>, able: readonly Ready[]): Ready | undefined {
	const roomy = able.filter(({ engine }) => routes.slots.free(engine));
	const [only] = roomy;
	if (only === undefined) return undefined;
	const engines = roomy.map(({ engine }) => engine);
	const engine = chooseEngine(engines, job.affinity, routes.options.affinityImbalance ?? 4, routes.turn++);
	const chosen = roomy.find((one) => one.engine === engine) ?? only;
	routes.slots.take(chosen.engine, call.caller);
	return chosen;
}
