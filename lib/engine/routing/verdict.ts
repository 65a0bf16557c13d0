import { EngineError, type EngineErrorKind, type Attempt } from '../errors';
import type { Engine } from './engine';
import type { Job } from './job';

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

/** The error of a call that nobody could answer: of the kind that explains it best, naming each engine and why. */
export function verdict<T>(
	job: Job<T>,
	allowed: readonly Engine[],
	errors: ReadonlyMap<Engine, EngineError>,
	attempts: readonly Attempt[],
): EngineError {
	const failures = [...errors.values()];
	const [only] = failures;
	if (only === undefined) return leftAlone(allowed, attempts);
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

/** Nobody was asked, because all of them are being left alone: since they said so, or since they failed in a row. */
function leftAlone(allowed: readonly Engine[], attempts: readonly Attempt[]): EngineError {
	const now = performance.now();
	const [first] = allowed
		.filter(({ notBefore, askedToWait }) => notBefore > now && askedToWait !== undefined)
		.sort((a, b) => a.notBefore - b.notBefore);
	if (first?.askedToWait !== undefined) {
		const { askedToWait, notBefore, name } = first;
		const retryAfterMs = Math.ceil(notBefore - now);
		return new EngineError(
			askedToWait.kind,
			`${name} asked to be left alone for another ${Math.ceil(retryAfterMs / 1000)} s. ${askedToWait.message}`,
			{ engine: name, engineMessage: askedToWait.engineMessage, retryAfterMs, attempts },
		);
	}
	const names = allowed.map(({ name }) => name).join(', ');
	return new EngineError(
		'unreachable',
		`${names} failed several times in a row and is left alone for a moment. Try again shortly.`,
		{ attempts },
	);
}
