import { enginePlaces } from './engines';
import type { NodeItem } from './nodeItem';

/** How many items are worked on at once, and how long to wait between batches of that size. */
export interface Batching {
	readonly atOnce: number;
	/** 0: an item begins as soon as another one is done. */
	readonly pauseMs: number;
}

/**
 * As the node's *Batching* says, else as many items at once as the credential's engines take.
 *
 * @param first the first item: what is about all of them is read for it
 */
export const engineBatching = async (first: NodeItem): Promise<{ readonly batching?: Batching }> => {
	// A tool has one item.
	if (!first.hasField('options.batching')) return {};
	return {
		batching: {
			atOnce:
				first.optionalNumber('options.batching.batchSize') ??
				(await enginePlaces(first.context, first.index)),
			pauseMs: first.optionalNumber('options.batching.delayBetweenBatches') ?? 0,
		},
	};
};
