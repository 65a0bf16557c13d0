interface Running<T> {
	readonly work: Promise<T>;
	readonly stop: AbortController;
	waiting: number;
}

/**
 * Work that callers of the same moment share. One of them that stops waiting ends it for no other; when nobody waits any more, it
 * is cancelled.
 */
export class SharedCall<T> {
	private running?: Running<T>;

	/**
	 * The result of the work that runs, else of `start`. Rejects with the reason of the caller's signal as soon as that is aborted.
	 *
	 * @param start its signal is aborted when nobody waits any more
	 */
	async join(start: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
		signal?.throwIfAborted();
		const running = (this.running ??= this.begin(start));
		running.waiting++;
		return await new Promise<T>((resolve, reject) => {
			const cancelled = (): void => {
				this.leave(running);
				reject(signal?.reason as Error);
			};
			signal?.addEventListener('abort', cancelled, { once: true });
			void running.work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', cancelled));
		});
	}

	private begin(start: (signal: AbortSignal) => Promise<T>): Running<T> {
		const stop = new AbortController();
		const work = start(stop.signal);
		const running = { work, stop, waiting: 0 };
		const over = (): void => this.forget(running);
		work.then(over, over);
		return running;
	}

	private leave(running: Running<T>): void {
		running.waiting--;
		if (running.waiting > 0) return;
		// Whoever comes now begins anew.
		this.forget(running);
		running.stop.abort();
	}

	private forget(running: Running<T>): void {
		if (this.running === running) this.running = undefined;
	}
}
