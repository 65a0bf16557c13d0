import type { Schemas } from '@qdrant/js-client-rest';
import { isObject, readJson, slices, type JsonValue } from '../../support';
import { IndexError } from '../errors';
import { plainJson } from './json';
import type { IndexSettings, ManifestStore } from '../types';
import { type QdrantClient, request } from './client';
import { createKeys } from './collections';
import { pointId } from './payload';
import { upsertPoints } from './write';

const KEYS_AT_ONCE = 256;
const PAGE = 512;

interface Manifest {
	readonly client: QdrantClient;
	/** Name of the collection. */
	readonly keys: string;
	readonly settings: IndexSettings;
}

/** The manifest of a version: points without vectors in a collection beside the rows. */
export function manifestOf(connect: () => Promise<Manifest>): ManifestStore {
	const doing = 'Using the manifest of the index';

	/** A manifest that was removed on the server is empty: the next sync finds rows that it does not know, and writes it anew. */
	async function orNothing<T>(work: Promise<T>, nothing: T): Promise<T> {
		return await work.catch((thrown: unknown) => {
			if (thrown instanceof IndexError && thrown.kind === 'notFound') return nothing;
			throw thrown;
		});
	}

	return {
		async get(keys) {
			const { client, keys: collection } = await connect();
			const found = new Map<string, JsonValue>();
			for (const some of slices([...new Set(keys)], KEYS_AT_ONCE)) {
				const send = (): Promise<Schemas['Record'][]> =>
					client.retrieve(collection, { ids: some.map(pointId), with_payload: true, with_vector: false });
				for (const record of await orNothing(request(doing, send), [])) {
					const row = toRow(record.payload);
					if (row) found.set(...row);
				}
			}
			return found;
		},
		async put(rows) {
			const { client, keys: collection, settings } = await connect();
			const points = [...rows].map(([key, value]) => ({
				id: pointId(key),
				vector: {},
				payload: { key, value: JSON.stringify(value) },
			}));
			for (const some of slices(points, KEYS_AT_ONCE)) {
				const made = await orNothing(
					upsertPoints(client, collection, some, doing).then(() => true),
					false,
				);
				if (made) continue;
				await createKeys(client, collection, settings);
				await upsertPoints(client, collection, some, doing);
			}
		},
		async delete(keys) {
			const { client, keys: collection } = await connect();
			for (const some of slices(keys, KEYS_AT_ONCE)) {
				await orNothing(
					request(doing, () => client.delete(collection, { wait: true, points: some.map(pointId) })).then(
						() => undefined,
					),
					undefined,
				);
			}
		},
		async *scan(prefix = '') {
			const { client, keys: collection } = await connect();
			let offset: Schemas['ExtendedPointId'] | undefined;
			do {
				const page: Schemas['ScrollResult'] = await orNothing(
					request(doing, () =>
						client.scroll(collection, {
							limit: PAGE,
							with_payload: true,
							...(offset !== undefined && { offset }),
						}),
					),
					{ points: [] },
				);
				for (const { payload } of page.points) {
					const row = toRow(payload);
					if (row?.[0].startsWith(prefix)) yield row;
				}
				offset = nextOffset(page);
			} while (offset !== undefined);
		},
	};
}

/** Where the next page of a scroll begins. */
export function nextOffset({
	next_page_offset,
}: Schemas['ScrollResult']): Schemas['ExtendedPointId'] | undefined {
	return typeof next_page_offset === 'string' || typeof next_page_offset === 'number'
		? next_page_offset
		: undefined;
}

function toRow(payload: unknown): [string, JsonValue] | undefined {
	const json = plainJson(payload);
	if (!isObject(json) || typeof json.key !== 'string' || typeof json.value !== 'string') return undefined;
	return [json.key, readJson(json.value)];
}
