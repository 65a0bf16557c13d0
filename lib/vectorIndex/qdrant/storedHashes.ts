import { IndexError } from '../errors';
import type { PreparedPoint } from '../point';
import { type QdrantClient, request } from './client';
import { pointId } from './payload';

/** Rows of which the hash is kept here while they are written into a collection that was empty: some 10 MB. */
const MOST_KEPT = 100_000;

/**
 * What a collection holds of the rows that one call writes to it, so that unchanged ones are not written again. The server is asked for
 * every batch; not while the collection holds nothing but what this call wrote, for a first sync or a move: on the nodes of a cluster,
 * these questions take a fifth of the time of all.
 */
export class StoredHashes {
	/** Of the rows that this call has written or is writing: all of them while they may be all there are, else the last batch. */
	private readonly own = new Map<string, string>();
	private batches = 0;
	/** Whether the collection holds only rows of this call. */
	private isAlone: Promise<boolean> | undefined;
	private keepsAll = true;

	constructor(
		private readonly client: QdrantClient,
		private readonly collection: string,
		private readonly doing: string,
	) {}

	/**
	 * The hashes of the rows of the next batch, as they are there or will be once the batches before it are written; undefined for a
	 * new row.
	 *
	 * @throws IndexError
	 */
	async next(batch: readonly PreparedPoint[]): Promise<Array<string | undefined>> {
		this.batches += 1;
		const rowsBefore = this.own.size;
		const own = batch.map(({ point }) => this.own.get(point.id));
		if (!this.keepsAll) this.own.clear();
		for (const { point, hash } of batch) this.own.set(point.id, hash);
		if (this.own.size > MOST_KEPT) this.askFromNowOn();
		if (this.batches === 2) this.isAlone = this.holdsAtMost(rowsBefore);
		if (await this.isAlone) return own;
		if (this.isAlone) this.askFromNowOn();
		const stored = await this.stored(batch);
		return batch.map(({ point }, at) => own[at] ?? stored.get(pointId(point.id)));
	}

	private askFromNowOn(): void {
		this.isAlone = Promise.resolve(false);
		this.keepsAll = false;
	}

	private async holdsAtMost(rows: number): Promise<boolean> {
		try {
			const { count } = await request(this.doing, () => this.client.count(this.collection, { exact: true }));
			return count <= rows;
		} catch (error) {
			// A server that does not count, in its strict mode for instance, is asked for each batch.
			if (error instanceof IndexError && error.kind !== 'cancelled') return false;
			throw error;
		}
	}

	private async stored(batch: readonly PreparedPoint[]): Promise<ReadonlyMap<string | number, string>> {
		const known = await request(this.doing, () =>
			this.client.retrieve(this.collection, {
				ids: batch.map(({ point }) => pointId(point.id)),
				with_payload: ['hash'],
				with_vector: false,
			}),
		);
		return new Map(
			known.flatMap(({ id, payload }) =>
				typeof payload?.hash === 'string' ? [[id, payload.hash] as const] : [],
			),
		);
	}
}
