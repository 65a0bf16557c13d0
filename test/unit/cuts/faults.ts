/**
 * `fail`: the write and all after it are refused. `lose`: the write is done, its answer and everything after it is refused.
 * `hang`: the write and everything after it never answers, as seen by a process that is killed there.
 */
export type Mode = 'fail' | 'lose' | 'hang';
/** `swallow`: the write is done; its answer, and that of everything after it, never comes. */
type Fate = Mode | 'swallow';
export const MODES: readonly Mode[] = ['fail', 'lose', 'hang'];

/** Counts the writes to a storage and interrupts them at the n-th. */
export class Cutter {
	writes = 0;
	/** Resolves when a write hangs. */
	hanging: Promise<void> = new Promise(() => undefined);
	private at = Infinity;
	private mode: Fate = 'fail';
	private hang: () => void = () => undefined;
	/** Resolves at the end: what hung fails then, so that nothing outlives the tests. */
	readonly released: Promise<void>;
	release: () => void = () => undefined;

	constructor() {
		this.released = new Promise((resolve) => (this.release = resolve));
	}

	/** From now on the n-th write is interrupted; without parameters none. */
	set(at = Infinity, mode: Fate = 'fail'): void {
		Object.assign(this, { writes: 0, at, mode });
		this.hanging = new Promise((resolve) => (this.hang = resolve));
	}

	/** What is to become of the write that is asked for now. */
	next(): 'do' | Fate {
		this.writes += 1;
		if (this.writes < this.at) return 'do';
		if (this.mode === 'lose' && this.writes > this.at) return 'fail';
		if (this.mode === 'swallow' && this.writes > this.at) return 'hang';
		if (this.mode === 'hang') this.hang();
		return this.mode;
	}

	/** The write was done whose answer does not come. */
	swallowed(): void {
		this.hang();
	}

	/** Of a storage whose process is not killed from outside. */
	async around<T>(write: () => Promise<T>): Promise<T> {
		const fate = this.next();
		if (fate === 'do') return await write();
		if (fate === 'hang') await this.released;
		if (fate === 'lose') await write();
		throw new Error('the storage was cut off by the test');
	}
}
