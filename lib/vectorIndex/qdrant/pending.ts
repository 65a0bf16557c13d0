import type { Schemas } from '@qdrant/js-client-rest';
import { asString, createSlicer, isObject, slices } from '../../support';
import { preparePoint } from '../point';
import type { IndexSettings, PendingRow, VectorCoverage } from '../types';
import { type QdrantClient, request } from './client';
import { fromRecord, PENDING, POINT_FIELDS, toPoint } from './payload';
import { upsertPoints } from './write';

/** What is true of a row that waits for its vector, whenever it was written. */
const IS_PENDING: Schemas['Filter'] = { must: [{ key: PENDING, range: { gte: 0 } }] };
const ROWS_AT_ONCE = 256;

interface Rows {
	readonly client: QdrantClient;
	readonly collection: string;
	readonly settings: IndexSettings;
}

/** @param doing completes "… failed" */
export async function coverageOf({ client, collection }: Rows, doing: string): Promise<VectorCoverage> {
	const [rows, pending] = await Promise.all(
		[{}, { filter: IS_PENDING }].map((filter) =>
			request(doing, () => client.count(collection, { exact: true, ...filter })),
		),
	);
	return { rows: rows?.count ?? 0, pending: pending?.count ?? 0 };
}

export async function oldestPending(
	{ client, collection }: Rows,
	limit: number,
	doing: string,
): Promise<PendingRow[]> {
	const { points } = await request(doing, () =>
		client.scroll(collection, {
			limit,
			filter: IS_PENDING,
			order_by: { key: PENDING, direction: 'asc' },
			with_payload: [...POINT_FIELDS, 'hash'],
		}),
	);
	return points.map((record) => ({
		point: fromRecord(record),
		hash: (isObject(record.payload) ? asString(record.payload.hash) : undefined) ?? '',
	}));
}

/** Writes the rows again, with their vectors, where they still wait for them; what was deleted meanwhile is not made anew. */
export async function fillPending(
	{ client, collection, settings }: Rows,
	filled: ReadonlyArray<{ readonly row: PendingRow; readonly vector: Float32Array | null }>,
	doing: string,
): Promise<number> {
	const turn = createSlicer();
	let waiting = 0;
	for (const some of slices(filled, ROWS_AT_ONCE)) {
		const points: Array<Schemas['PointStruct']> = [];
		for (const { row, vector } of some) {
			await turn();
			const point = { ...row.point, pendingSince: undefined, vector: vector ?? undefined };
			points.push(toPoint({ ...preparePoint(point, settings), hash: row.hash }));
		}
		const { count } = await request(doing, () =>
			client.count(collection, {
				exact: true,
				filter: { must: [IS_PENDING, { has_id: points.map(({ id }) => id) }] },
			}),
		);
		await upsertPoints(client, collection, points, doing, {
			update_mode: 'update_only',
			update_filter: IS_PENDING,
		});
		waiting += count;
	}
	return waiting;
}
