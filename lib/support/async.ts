import { setImmediate as nextTurn } from 'node:timers/promises';

/** What every long call takes besides its own options. */
export interface CallContext {
	/** Ends the work; what was already written stays whole. */
	readonly signal?: AbortSignal;
	/** Called now and then with how far the work is. */
	readonly onProgress?: (progress: {
		readonly done: number;
		readonly total?: number;
		/** How much of all is done, from 0 to 1, where that is known better than `done` of `total`. */
		readonly share?: number;
		/** Pieces of what `done` counts, where one of them takes long by itself. */
		readonly chunks?: number;
		readonly note?: string;
	}) => void;
}

/**
 * Keeps synchronous work from holding the event loop: `await turn()` inside a loop gives way whenever the slice
 * (milliseconds, default 4) is used up, and costs one clock reading otherwise.
 */
export function createSlicer(sliceMs = 4): () => Promise<void> | undefined {
	let started = performance.now();
	return () => {
		if (performance.now() - started < sliceMs) return undefined;
		return nextTurn().then(() => {
			started = performance.now();
		});
	};
}
