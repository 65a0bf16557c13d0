import { AsyncLocalStorage } from 'node:async_hooks';
import { LocalEngineError } from './errors';

const signals = new AsyncLocalStorage<AbortSignal>();

/** The work was stopped by whoever asked for it. */
export class StoppedError extends LocalEngineError<'cancelled'> {
	constructor() {
		super('cancelled', 'The call was cancelled.');
	}
}

/** What stops the work that is under way here, where somebody set it. */
export const callSignal = (): AbortSignal | undefined => signals.getStore();

/**
 * Runs work whose requests end when the signal aborts, however deep they are made: so a method without a parameter for it can be
 * stopped too. Without a signal, one that is set already holds.
 */
export const underSignal = async <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> =>
	signal === undefined ? await work() : await signals.run(signal, work);

/** Waits for work that others wait for as well: stops waiting when the signal aborts. @throws StoppedError */
export async function untilStopped<T>(work: Promise<T>): Promise<T> {
	const signal = callSignal();
	if (!signal) return await work;
	let stop: () => void = () => undefined;
	const stopped = new Promise<never>((_, reject) => {
		stop = () => reject(new StoppedError());
		if (signal.aborted) stop();
		else signal.addEventListener('abort', stop, { once: true });
	});
	// Nobody may be there to see how it ends.
	work.catch(() => undefined);
	try {
		return await Promise.race([work, stopped]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}
