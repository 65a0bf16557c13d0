import { EngineError } from '../errors';
import type { CallOptions } from '../types/pool';
import type { Engine } from './engine';

interface Waiter {
	readonly engines: ReadonlySet<Engine>;
	readonly caller: string;
	readonly take: (engine: Engine) => void;
}

/** Of calls that do not say who asks: they are one caller. */
const NOBODY = '';

/**
 * The pool's places in front of its engines: an engine with `maxConcurrency` takes so many requests at once, the others
 * wait here, each for any engine it could use. A freed place goes to the caller who has the fewest of the engine's places, and of
 * one caller's to the one that came first: who sends a hundred keeps nobody else waiting for all of them.
 */
export class Slots {
	private readonly waiters: Waiter[] = [];
	private readonly held = new WeakMap<Engine, Map<string, number>>();

	constructor(private readonly maxWaiting: number) {}

	free(engine: Engine): boolean {
		const limit = engine.address.maxConcurrency;
		return limit === undefined || engine.inFlight < limit;
	}

	take(engine: Engine, caller = NOBODY): void {
		engine.inFlight++;
		const held = this.held.get(engine) ?? new Map<string, number>();
		this.held.set(engine, held.set(caller, (held.get(caller) ?? 0) + 1));
	}

	/** Gives the place on; a freed place goes straight to one that waits for it, so that nobody comes in between. */
	release(engine: Engine, caller = NOBODY): void {
		engine.inFlight--;
		const held = this.held.get(engine);
		const left = (held?.get(caller) ?? 0) - 1;
		if (left > 0) held?.set(caller, left);
		else held?.delete(caller);
		if (this.waiters.length === 0 || !this.free(engine)) return;
		const waiter = this.nextFor(engine);
		if (waiter === undefined) return;
		this.waiters.splice(this.waiters.indexOf(waiter), 1);
		this.take(engine, waiter.caller);
		waiter.take(engine);
	}

	private nextFor(engine: Engine): Waiter | undefined {
		const held = this.held.get(engine);
		let next: Waiter | undefined;
		let fewest = Infinity;
		for (const waiter of this.waiters) {
			const places = held?.get(waiter.caller) ?? 0;
			if (places >= fewest || !waiter.engines.has(engine)) continue;
			[next, fewest] = [waiter, places];
		}
		return next;
	}

	waitingFor(engine: Engine): number {
		return this.waiters.reduce((count, { engines }) => count + (engines.has(engine) ? 1 : 0), 0);
	}

	/**
	 * Waits for a place at any of the engines, which is then taken.
	 *
	 * @param call who asks, and until when: after `ms` it has waited long enough
	 * @throws EngineError `overloaded` after `ms` or when too many wait already, `cancelled` when the signal says so.
	 */
	wait(
		engines: readonly Engine[],
		ms: number,
		{ signal, caller = NOBODY }: Pick<CallOptions, 'signal' | 'caller'>,
	): Promise<Engine> {
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
				caller,
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
