import type { Schemas } from '@qdrant/js-client-rest';
import { createSlicer, mapAll, slices, type CallContext, underSignal } from '../../support';
import { IndexError, throwIfCancelled } from '../errors';
import { and, isEverything, isNothing, parseFilter, type FilterNode } from '../filter/parse';
import type { PreparedPoint } from '../point';
import { checkDelete, checkIds } from '../request';
import { runSearch } from '../search';
import { checkCompatible, checkFormat } from '../settings';
import { runTuning } from '../tuning';
import type {
	DeleteRequest,
	Filter,
	Hit,
	IndexInfo,
	IndexSettings,
	ManifestStore,
	PendingVectors,
	Point,
	SearchCall,
	SearchQuery,
	SearchSettings,
	StoredPoint,
	TuneOptions,
	TuneReport,
	UpsertCall,
	UpsertReport,
	VectorIndex,
} from '../types';
import { type PrepareBatch, writeInBatches } from '../upsert';
import { shownName } from './alias';
import { clientOf, type QdrantClient, request, type Server } from './client';
import { pagesOf } from './pages';
import { keptWithin } from './strict';
import { findVersion, rememberTuning, remains, removeIndex, removeVersion } from './collections';
import { keysOf, type CollectionVersion } from './states';
import { toQdrant } from './filter';
import { manifestOf, nextOffset } from './manifest';
import { stateOf } from './info';
import { fromRecord, DENSE, POINT_FIELDS, pointId, toPoint } from './payload';
import { coverageOf, fillPending, oldestPending } from './pending';
import { GRID, PRESETS } from './presets';
import { stagesOf } from './stages';
import { StoredHashes } from './storedHashes';
import { upsertPoints } from './write';

/** One request. A megabyte of vectors and text is some 3 MB of JSON, written in about 25 ms; the server takes 32. */
const BATCH = { rows: 256, bytes: 1024 * 1024 };
const IDS_AT_ONCE = 500;
const PAGE = 256;
const SEARCHES_AT_ONCE = 8;
/** Readers follow a moved alias within this time. */
const POINTER_MS = 1_000;
/** With more values than this the rows are counted page by page. */
const FACET_VALUES = 10_000;
/** Rows of which only one short field is read. */
const TALLY_PAGE = 2_000;

interface Current extends CollectionVersion {
	readonly client: QdrantClient;
}

/** A VectorIndex in a collection of a Qdrant server. */
export class QdrantIndex implements VectorIndex {
	private pointer?: { readonly at: number; readonly current: Current };

	/** As people know it. */
	private readonly name: string;

	/**
	 * `pinned` keeps it on one version; without it, it follows the live one.
	 * @param found that version, where it was just looked up
	 */
	constructor(
		private readonly server: Server,
		private readonly alias: string,
		private readonly pinned?: string,
		found?: CollectionVersion,
	) {
		this.name = shownName(alias);
		if (found) this.remember(found);
	}

	readonly manifest: ManifestStore = manifestOf(async () => {
		const { client, collection, settings } = await this.current(true);
		return { client, keys: keysOf(collection), settings };
	});

	readonly pending: PendingVectors = {
		coverage: async () => await this.run((current) => coverageOf(current, this.doing('Counting'))),
		oldest: async (limit) =>
			await this.run((current) => oldestPending(current, limit, this.doing('Reading'))),
		fill: async (filled, { fingerprint } = {}) => {
			const current = await this.current(true);
			checkCompatible(this.name, current.settings, { fingerprint });
			return await fillPending(current, filled, this.doing('Writing to'));
		},
	};

	async info(): Promise<IndexInfo> {
		const { version, live, settings, ...current } = await this.current(true);
		const [{ rows, pending }, sources, state] = await Promise.all([
			this.pending.coverage(),
			this.tally('source'),
			stateOf(current, this.doing('Reading')),
		]);
		return {
			...settings,
			...{ name: this.name, version, live, backend: 'qdrant', rows },
			...{ sources: sources.size, pendingVectors: pending },
			...state,
		};
	}

	async settings(): Promise<IndexSettings> {
		return (await this.current(false)).settings;
	}

	async upsert(points: AsyncIterable<Point> | Iterable<Point>, call: UpsertCall = {}): Promise<UpsertReport> {
		return await underSignal(call.signal, async () => {
			const current = await this.current(true);
			checkCompatible(this.name, current.settings, { fingerprint: call.fingerprint });
			return await writeInBatches(points, current.settings, BATCH, this.writerOf(current), call);
		});
	}

	async search(query: SearchQuery, call: SearchCall = {}): Promise<Hit[]> {
		const search = (current: Current): Promise<Hit[]> => {
			const stages = stagesOf(
				current.client,
				current.collection,
				howToSearch(current),
				current.settings.layout?.tenantField,
			);
			return runSearch(this.name, stages, current.settings, query, call);
		};
		return await underSignal(call.signal, () => this.run(search));
	}

	async searchMany(queries: readonly SearchQuery[], call: SearchCall = {}): Promise<Hit[][]> {
		return await mapAll(queries, SEARCHES_AT_ONCE, (query) => this.search(query, call));
	}

	async tune(options: TuneOptions, call: CallContext = {}): Promise<TuneReport> {
		const { client, collection } = await this.current(true);
		const nearest = async (
			vector: Float32Array,
			limit: number,
			search: SearchSettings,
		): Promise<string[]> => {
			const stages = stagesOf(client, collection, search);
			const filter = parseFilter({});
			return (await stages.nearest(vector, { limit, filter, withVectors: false, exact: false })).map(
				({ id }) => id,
			);
		};
		try {
			const { count: rows } = await request(this.doing('Tuning'), () =>
				client.count(collection, { exact: true, filter: { must: [{ has_vector: DENSE }] } }),
			);
			return await runTuning(
				{
					rows,
					groups: [{ kind: 'HNSW', settings: GRID }],
					sample: (count) => this.sample(client, collection, count),
					nearest,
					apply: (_, search) => rememberTuning(client, collection, search),
				},
				options,
				call,
			);
		} finally {
			this.pointer = undefined;
		}
	}

	async get(ids: readonly string[]): Promise<StoredPoint[]> {
		const wanted = checkIds(ids);
		return await this.run(async ({ client, collection }) => {
			const found = new Map<string, StoredPoint>();
			for (const some of slices(wanted, IDS_AT_ONCE)) {
				const records = await request(this.doing('Reading'), () =>
					client.retrieve(collection, {
						ids: some.map(pointId),
						with_payload: POINT_FIELDS,
						with_vector: [DENSE],
					}),
				);
				for (const point of records.map(fromRecord)) found.set(point.id, point);
			}
			return wanted.flatMap((id) => found.get(id) ?? []);
		});
	}

	async *scan(filter?: Filter, call: CallContext = {}): AsyncGenerator<StoredPoint> {
		const node = parseFilter(filter);
		if (isNothing(node)) return;
		const turn = createSlicer();
		const { client, collection, settings } = await this.current(true);
		let offset: Schemas['ExtendedPointId'] | undefined;
		do {
			throwIfCancelled(call.signal, 'Reading the index');
			const page: Schemas['ScrollResult'] = await request(this.doing('Reading'), () =>
				underSignal(call.signal, () =>
					client.scroll(collection, {
						limit: PAGE,
						with_payload: POINT_FIELDS,
						with_vector: [DENSE],
						...filterOf(node, settings),
						...(offset !== undefined && { offset }),
					}),
				),
			);
			for (const record of page.points) {
				throwIfCancelled(call.signal, 'Reading the index');
				await turn();
				yield fromRecord(record);
			}
			offset = nextOffset(page);
		} while (offset !== undefined);
	}

	async delete(what: DeleteRequest): Promise<number> {
		const { ids, filter } = checkDelete(what);
		if (isNothing(filter) || ids?.length === 0) return 0;
		const { client, collection, settings } = await this.current(true);
		const groups = ids === undefined ? [undefined] : slices(ids, IDS_AT_ONCE);
		let removed = 0;
		for (const some of groups) {
			// An empty filter would remove every row: there is always a condition in it.
			const must: Schemas['Filter'][] = [];
			if (some) must.push({ must: [{ has_id: some.map(pointId) }] });
			if (!isEverything(filter)) must.push(toQdrant(filter, settings.layout?.tenantField));
			if (must.length === 0)
				throw new IndexError('invalidQuery', 'Nothing was removed: the request names no rows.');
			const { count } = await request(this.doing('Deleting from'), () =>
				client.count(collection, { exact: true, filter: { must } }),
			);
			if (count > 0)
				await request(this.doing('Deleting from'), () =>
					client.delete(collection, { wait: true, filter: { must } }),
				);
			removed += count;
		}
		return removed;
	}

	async count(filter?: Filter): Promise<number> {
		const node = parseFilter(filter);
		if (isNothing(node)) return 0;
		return await this.run(async ({ client, collection, settings }) => {
			const { count } = await request(this.doing('Counting'), () =>
				client.count(collection, { exact: true, ...filterOf(node, settings) }),
			);
			return count;
		});
	}

	async tally(field: 'source' | 'generation', filter?: Filter): Promise<Map<string, number>> {
		const node = parseFilter(filter);
		if (isNothing(node)) return new Map();
		return await this.run(async ({ client, collection, settings, limits }) => {
			const filter = filterOf(node, settings);
			if (limits.exact) {
				const limit = Math.min(FACET_VALUES, limits.rows);
				const { hits } = await request(this.doing('Counting'), () =>
					client.facet(collection, { key: field, limit, exact: true, ...filter }),
				);
				// Values of rows that were deleted are listed with 0 until the server has tidied up.
				const there = hits.filter(({ count }) => count > 0);
				if (hits.length < limit) return new Map(there.map(({ value, count }) => [String(value), count]));
			}
			const turn = createSlicer();
			const counts = new Map<string, number>();
			const scroll: QdrantClient['scroll'] = (...parameters) =>
				request(this.doing('Counting'), () => client.scroll(...parameters));
			for await (const rows of pagesOf(scroll, collection, {
				...filter,
				limit: TALLY_PAGE,
				with_payload: [field],
			})) {
				for (const { payload } of rows) {
					await turn();
					const value = payload?.[field];
					if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
				}
			}
			return counts;
		});
	}

	async drop(): Promise<void> {
		const client = clientOf(this.server);
		this.pointer = undefined;
		const removed =
			this.pinned === undefined
				? await removeIndex(client, this.alias)
				: await removeVersion(client, this.alias, this.pinned);
		if (!removed) throw await this.notFound(client);
	}

	/** Connections are shared by the process; there is nothing of this object's own to close. */
	async close(): Promise<void> {
		this.pointer = undefined;
	}

	/** Looks for what has changed, and gets it ready, while the batch before is being written. */
	private writerOf({ client, collection }: Current): PrepareBatch {
		const doing = this.doing('Writing to');
		const hashes = new StoredHashes(client, collection, doing);
		return (batch) => {
			const ready = changedIn(batch, hashes.next(batch));
			ready.catch(() => undefined); // its error is thrown where it is awaited: when it is this batch's turn
			return async () => {
				const points = await ready;
				await upsertPoints(client, collection, points, doing);
				return points.length;
			};
		};
	}

	/** Qdrant picks rows at random. */
	private async sample(
		client: QdrantClient,
		collection: string,
		count: number,
	): Promise<Array<{ id: string; vector: Float32Array }>> {
		const { points } = await request(this.doing('Tuning'), () =>
			client.query(collection, {
				query: { sample: 'random' },
				filter: { must: [{ has_vector: DENSE }] },
				limit: count,
				with_payload: ['id'],
				with_vector: [DENSE],
			}),
		);
		return points.map(fromRecord).flatMap(({ id, vector }) => (vector ? [{ id, vector }] : []));
	}

	/** Carries out a read; when the version turns out to be gone, once more on the one the name points to now. */
	private async run<T>(work: (current: Current) => Promise<T>): Promise<T> {
		const current = await this.current(false);
		try {
			return await work(current);
		} catch (thrown) {
			if (!(thrown instanceof IndexError) || thrown.kind !== 'notFound') throw thrown;
			const now = await this.current(true);
			if (now.collection === current.collection) throw thrown;
			return await work(now);
		}
	}

	private async current(fresh: boolean): Promise<Current> {
		const known = this.pointer;
		if (known && !fresh && performance.now() - known.at < POINTER_MS) return known.current;
		const client = clientOf(this.server);
		const mine = await findVersion(client, this.alias, this.pinned);
		if (!mine) {
			this.pointer = undefined;
			throw await this.notFound(client);
		}
		checkFormat(this.name, mine.format);
		return this.remember(mine);
	}

	private remember(found: CollectionVersion): Current {
		const current = { ...found, client: keptWithin(clientOf(this.server), found.limits) };
		this.pointer = { at: performance.now(), current };
		return current;
	}

	private async notFound(client: QdrantClient): Promise<IndexError> {
		return new IndexError(
			'notFound',
			(await remains(client, this.alias)) ??
				`There is no index named "${this.name}" on this Qdrant server, or the API key may not see it. Create it first, or check the name, the server and the key.`,
		);
	}

	private doing(what: string): string {
		return `${what} the index "${this.name}"`;
	}
}

/** The rows of a batch that are new or different. @param hashes of what is stored under their ids */
async function changedIn(
	batch: readonly PreparedPoint[],
	hashes: Promise<ReadonlyArray<string | undefined>>,
): Promise<Array<Schemas['PointStruct']>> {
	const stored = await hashes;
	const turn = createSlicer();
	const points: Array<Schemas['PointStruct']> = [];
	for (const [at, prepared] of batch.entries()) {
		if (stored[at] === prepared.hash) continue;
		await turn();
		points.push(toPoint(prepared));
	}
	return points;
}

function howToSearch({ settings, tuning }: CollectionVersion): SearchSettings {
	return tuning ?? PRESETS[settings.preset ?? 'balanced'].search;
}

function filterOf(node: FilterNode, settings: IndexSettings): { filter?: Schemas['Filter'] } {
	const whole = and([node]);
	return isEverything(whole) ? {} : { filter: toQdrant(whole, settings.layout?.tenantField) };
}
