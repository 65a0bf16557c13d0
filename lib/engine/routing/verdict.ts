import { EngineError, type EngineErrorKind } from '../errors';
import type { Candidate, Course } from './course';
import { meant } from './names';

/** Which failure explains best why nobody answered: what the caller can change before what may pass by itself. */
const EXPLAINS: readonly EngineErrorKind[] = [
	'contextExceeded',
	'unauthorized',
	'interrupted',
	'loadFailed',
	'badAnswer',
	'server',
	'timeout',
	'rateLimited',
	'overloaded',
	'loading',
	'unreachable',
	// Below the others: while an engine is away, nobody knows that no engine has the model.
	'modelNotFound',
	'unsupported',
];

/** The error of a call that nobody could answer: of the kind that explains it best, naming each engine and why. */
export function verdict<T>(course: Course<T>): EngineError {
	const { job, all, errors, paused, attempts } = course;
	const failures = new Map<Candidate, EngineError>([...paused, ...errors]);
	// An engine that asked for time was not asked at all.
	if (failures.size === 0) return leftAlone(course);
	const kinds = [...failures.values()];
	const [only] = kinds;
	if (kinds.every(({ kind }) => kind === 'unsupported') && attempts.length === 0) {
		return new EngineError(
			'unsupported',
			`No engine here can do this (${job.needs.join(', ')}). ${kinds.map(({ message }) => message).join(' ')}`,
			{ attempts },
		);
	}
	if (only !== undefined && kinds.length === 1)
		return told(only, paused.size > 0 && errors.size === 0).with({ attempts });
	if (kinds.every(({ kind }) => kind === 'modelNotFound' || kind === 'unsupported')) {
		const missing = nowhere(all, kinds);
		if (missing !== undefined) return missing.with({ attempts });
	}
	const best = kinds.reduce((a, b) => (EXPLAINS.indexOf(b.kind) < EXPLAINS.indexOf(a.kind) ? b : a));
	const list = [...failures]
		.map(([candidate, error]) => {
			const { message } = told(error, !errors.has(candidate));
			return `${candidate.engine.name}: ${error.kind} — ${message}`;
		})
		.join('\n');
	return best.as(`None of ${failures.size} engines could answer.\n${list}`).with({ attempts, cause: best });
}

/** The error of an engine that was not asked, because it is known to be away. */
function told(error: EngineError, paused: boolean): EngineError {
	if (!paused) return error;
	return error.as(`${error.message} It is checked every few seconds, and used again as soon as it answers.`);
}

/** No engine has the model, with similar names of all of them. */
function nowhere(all: readonly Candidate[], errors: readonly EngineError[]): EngineError | undefined {
	const missing = errors.filter(({ kind }) => kind === 'modelNotFound');
	const names = [...new Set(missing.flatMap(({ modelNames = [] }) => modelNames))];
	const asked = missing[0]?.model ?? all[0]?.name;
	if (asked === undefined || missing.length === 0) return undefined;
	const wanted = [...new Set(missing.map(({ model }) => model ?? asked))]
		.map((name) => `"${name}"`)
		.join(' or ');
	return new EngineError('modelNotFound', `No engine has the model ${wanted}. ${meant(asked, names)}`, {
		model: asked,
		modelNames: names,
		engineMessage: missing.find(({ engineMessage }) => engineMessage !== undefined)?.engineMessage,
	});
}

/** Nobody was asked, because all of them said that they want to be left alone for a while. */
function leftAlone<T>({ all, attempts }: Course<T>): EngineError {
	const now = performance.now();
	const [first] = all
		.map(({ engine }) => engine)
		.filter(({ notBefore, askedToWait }) => notBefore > now && askedToWait !== undefined)
		.sort((a, b) => a.notBefore - b.notBefore);
	if (first?.askedToWait === undefined)
		return new EngineError('unreachable', 'No engine could be asked. Try again shortly.', { attempts });
	const { askedToWait, notBefore, name } = first;
	const retryAfterMs = Math.ceil(notBefore - now);
	return new EngineError(
		askedToWait.kind,
		`${name} asked to be left alone for another ${Math.ceil(retryAfterMs / 1000)} s. ${askedToWait.message}`,
		{ engine: name, engineMessage: askedToWait.engineMessage, retryAfterMs, attempts },
	);
}
