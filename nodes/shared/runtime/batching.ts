import { enginePlaces } from './engines';
import type { Run } from './run';

/** How many items are worked on at once, and how long to wait between batches of that size. */
export interface Batching {
	readonly atOnce: number;
	/** 0: an item begins as soon as another one is done. */
	readonly pauseMs: number;
}

/** As the node's *Batching* says, else as many items at once as the credential's engines take. */
export async function engineBatching(run: Run): Promise<Batching> {
	const first = run.item(0);
	return {
		atOnce: first.optionalNumber('options.batching.batchSize') ?? (await enginePlaces(run.context, 0)),
		pauseMs: first.optionalNumber('options.batching.delayBetweenBatches') ?? 0,
	};
}
