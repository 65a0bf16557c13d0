import { EngineError } from '../errors';
import type { Engine } from './engine';

interface Waiter {
	readonly engines: ReadonlySet<Engine>;
	readonly take: (engine: Engine) => void;
}

/**
 * The pool's places in front of its engines: an engine with `maxConcurrency` takes so many requests at once, the others
 * wait here in the order they came, each for any engine it could use.
 */
export class Slots {
	private readonly waiters: Waiter[] = [];

	constructor(private readonly maxWaiting: number) {}

	free(engine: Engine): boolean {
		const limit = engine.address.maxConcurrency;
		return limit === undefined || engine.inFlight < limit;
	}

	take(engine: Engine): void {
		engine.inFlight++;
	}

	/** Gives the place on; a freed place goes straight to the first that waits for it, so nobody overtakes. */
	release(engine: Engine): void {
		engine.inFlight--;
		if (this.waiters.length === 0 || !this.free(engine)) return;
		const position = this.waiters.findIndex(({ engines }) => engines.has(engine));
		const waiter = this.waiters[position];
		if (waiter === undefined) return;
		this.waiters.splice(position, 1);
		this.take(engine);
		waiter.take(engine);
	}

	waitingFor(engine: Engine): number {
		return this.waiters.reduce((count, { engines }) => count + (engines.has(engine) ? 1 : 0), 0);
	}

	/**
	 * Waits for a place at any of the engines, which is then taken.
	 *
	 * @throws EngineError `overloaded` after `ms` or when too many wait already, `cancelled` when the signal says so.
	 */
	wait(engines: readonly Engine[], ms: number, signal: AbortSignal | undefined): Promise<Engine> {
		if (this.waiters.length >= this.maxWaiting) {
			const message = `${this.maxWaiting} calls wait for an engine already. Send fewer at once, raise the engines' concurrency, or add an engine.`;
			return Promise.reject(new EngineError('overloaded', message));
		}
		return new Promise((resolve, reject) => {
			const leave = (error: EngineError): void => {
				const position = this.waiters.indexOf(waiter);
				if (position !== -1) this.waiters.splice(position, 1);
				done();
				reject(error);
			};
			const onAbort = (): void =>
				leave(new EngineError('cancelled', 'The call was cancelled while it waited for an engine.'));
			const timer = setTimeout(
				() =>
					leave(
						new EngineError(
							'overloaded',
							`No engine had room within ${Math.round(ms)} ms. Send fewer at once, raise the engines' concurrency, or add an engine.`,
						),
					),
				ms,
			);
			const done = (): void => {
				clearTimeout(timer);
				signal?.removeEventListener('abort', onAbort);
			};
			const waiter: Waiter = {
				engines: new Set(engines),
				take: (engine) => {
					done();
					resolve(engine);
				},
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			this.waiters.push(waiter);
		});
	}
}
