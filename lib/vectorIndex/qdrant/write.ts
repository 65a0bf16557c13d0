import type { Schemas } from '@qdrant/js-client-rest';
import { IndexError } from '../errors';
import { NoAnswerError, type QdrantClient, request, TooLargeError } from './client';

/** Writes points and waits until they are durable; a request that is too large or too slow is sent again in halves. */
export async function upsertPoints(
	client: QdrantClient,
	collection: string,
	points: ReadonlyArray<Schemas['PointStruct']>,
	doing: string,
	only: Pick<Schemas['PointsList'], 'update_mode' | 'update_filter'> = {},
): Promise<void> {
	if (points.length === 0) return;
	try {
		await request(doing, () => client.upsert(collection, { wait: true, points: [...points], ...only }));
	} catch (thrown) {
		const slow =
			thrown instanceof IndexError && thrown.kind === 'timeout' && !(thrown instanceof NoAnswerError);
		const divisible = thrown instanceof TooLargeError || slow;
		if (!divisible || points.length === 1) throw thrown;
		const middle = Math.ceil(points.length / 2);
		await upsertPoints(client, collection, points.slice(0, middle), doing, only);
		await upsertPoints(client, collection, points.slice(middle), doing, only);
	}
}
