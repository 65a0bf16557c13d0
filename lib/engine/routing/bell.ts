/** Wakes whoever waits for something to change, here for an engine to come back. */
export class Bell {
	private readonly waiting = new Set<() => void>();

	ring(): void {
		const woken = [...this.waiting];
		this.waiting.clear();
		for (const wake of woken) wake();
	}

	/** Resolves at the next ring, after `ms`, or when the signal aborts; never rejects. */
	wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
		return new Promise((resolve) => {
			const wake = (): void => {
				clearTimeout(timer);
				signal?.removeEventListener('abort', wake);
				this.waiting.delete(wake);
				resolve();
			};
			const timer = setTimeout(wake, ms);
			signal?.addEventListener('abort', wake, { once: true });
			this.waiting.add(wake);
		});
	}
}
