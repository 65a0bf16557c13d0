import { createSlicer, mapAll, slices, type CallContext, type JsonValue } from '../../support';
import { incomplete, IndexError, throwIfCancelled } from '../errors';
import { and, isNothing, parseFilter } from '../filter/parse';
import type { PreparedPoint } from '../point';
import { checkDelete, checkIds } from '../request';
import { runSearch } from '../search';
import { checkCompatible, checkFormat } from '../settings';
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
	StoredPoint,
	TuneOptions,
	TuneReport,
	UpsertCall,
	UpsertReport,
	VectorIndex,
} from '../types';
import { runTuning } from '../tuning';
import { writeInBatches } from '../upsert';
import { catalogChanges, Catalog, notFound, tablesOf, type CatalogVersion } from './catalog';
import { keywordCoverage } from './keyword';
import { beginReading, lastTidied } from './tidying/readers';
import { retryConflicts, translate, type Table } from './lance';
import { coverageOf, fillPending, oldestPending } from './pending';
import type { Place } from './place';
import { vectorIndexOf } from './presets';
import { fromArrow, release, toArrow } from './rows';
import { POINT_COLUMNS } from './schema';
import { idsIn, toSql } from './sql';
import { stagesOf } from './stages';
import { searchSettingsOf, toTuning, tuneTarget, type Tuning } from './tune';
import { forgetVersion, openVersion, type OpenVersion } from './version';

/**
 * One commit. It costs some 15 ms of processor time however small and reads the ids of the whole table (0.2 µs each), so
 * large ones are better; 2,000 rows become columns in some 15 ms, during which nothing else happens.
 */
const BATCH = { rows: 2_000, bytes: 8 * 1024 * 1024 };
const IDS_AT_ONCE = 500;
/** Readers follow a pointer that another process switched within this time; the old version stays until it is dropped on purpose. */
const POINTER_MS = 1_000;
/** LanceDB uses all cores for one search already; more at once would only queue. */
const SEARCHES_AT_ONCE = 4;

/** The version in use, with its open tables. */
interface Current extends OpenVersion {
	readonly live: boolean;
	readonly entry: CatalogVersion;
}

/** A VectorIndex in a folder or object store, by LanceDB. */
export class EmbeddedIndex implements VectorIndex {
	private pointer?: { readonly at: number; readonly changes: number; readonly current: Current };

	/** `pinned` keeps it on one version; without it, it follows the live one. */
	constructor(
		private readonly place: Place,
		private readonly name: string,
		private readonly pinned?: string,
	) {}

	readonly manifest: ManifestStore = {
		get: async (keys) => await this.run('reading', ({ keys: table }) => table.get(keys)),
		put: async (rows) => await (await this.current(true)).keys.put(rows),
		delete: async (keys) => await (await this.current(true)).keys.delete(keys),
		scan: (prefix) => this.scanManifest(prefix),
	};

	readonly pending: PendingVectors = {
		coverage: async () => await this.run('reading', ({ rows }) => coverageOf(rows)),
		oldest: async (limit) => await this.run('reading', ({ rows }) => oldestPending(rows, limit)),
		fill: async (filled, { fingerprint } = {}) => {
			const { rows, schema, entry, maintenance, inTurn } = await this.current(true);
			checkCompatible(this.name, entry.settings, { fingerprint });
			const written = await inTurn(() =>
				retryConflicts(`writing to the index "${this.name}"`, () =>
					fillPending(rows, schema, entry.settings, filled),
				),
			);
			maintenance.wrote(written);
			await inTurn(() => maintenance.settle());
			return written;
		},
	};

	async info(): Promise<IndexInfo> {
		return await this.run('reading', async ({ rows, version, live, entry }) => {
			const [vectors, stats, kind, sources, coverage, tidied] = await Promise.all([
				coverageOf(rows),
				rows.stats(),
				vectorIndexOf(rows),
				tally(rows, 'source'),
				keywordCoverage(rows),
				lastTidied(this.place, tablesOf(version).rows),
			]);
			return {
				...entry.settings,
				name: this.name,
				version,
				live,
				backend: 'embedded',
				rows: vectors.rows,
				sources: sources.size,
				pendingVectors: vectors.pending,
				bytes: stats.totalBytes,
				unindexedRows: coverage.unindexed,
				fragments: stats.fragmentStats.numFragments,
				...(tidied && { tidiedAt: tidied.toISOString() }),
				vectorIndex: kind ?? 'none',
			};
		});
	}

	async settings(): Promise<IndexSettings> {
		return (await this.current(false)).entry.settings;
	}

	async upsert(points: AsyncIterable<Point> | Iterable<Point>, call: UpsertCall = {}): Promise<UpsertReport> {
		const current = await this.current(true);
		const { settings } = current.entry;
		checkCompatible(this.name, settings, { fingerprint: call.fingerprint });
		const merging = (batch: readonly PreparedPoint[]): (() => Promise<number>) =>
			this.merging(current, batch);
		const report = await writeInBatches(points, settings, BATCH, merging, call);
		await current.inTurn(() => current.maintenance.settle());
		return report;
	}

	async search(query: SearchQuery, call: SearchCall = {}): Promise<Hit[]> {
		return await this.run('searching', async ({ rows, entry }) => {
			const how = await searchSettingsOf(rows, entry.settings, toTuning(entry.tuning));
			return await runSearch(this.name, stagesOf(rows, how), entry.settings, query, call);
		});
	}

	async searchMany(queries: readonly SearchQuery[], call: SearchCall = {}): Promise<Hit[][]> {
		return await mapAll(queries, SEARCHES_AT_ONCE, (query) => this.search(query, call));
	}

	async get(ids: readonly string[]): Promise<StoredPoint[]> {
		const wanted = checkIds(ids);
		return await this.run('reading', async ({ rows }) => {
			const found = new Map<string, StoredPoint>();
			for (const some of slices(wanted, IDS_AT_ONCE)) {
				const query = rows.query().select(ROW_COLUMNS).where(idsIn(some));
				for await (const batch of query) for (const point of fromArrow(batch)) found.set(point.id, point);
			}
			return wanted.flatMap((id) => found.get(id) ?? []);
		});
	}

	async *scan(filter?: Filter, call: CallContext = {}): AsyncGenerator<StoredPoint> {
		const where = toSql(parseFilter(filter));
		const turn = createSlicer();
		const { rows, version } = await this.current(true);
		const end = await beginReading(this.place, tablesOf(version).rows, rows);
		try {
			for await (const batch of rows.query().select(ROW_COLUMNS).where(where)) {
				for (const point of fromArrow(batch)) {
					throwIfCancelled(call.signal, 'Reading the index');
					await turn();
					yield point;
				}
			}
		} catch (thrown) {
			throw translate(thrown, `reading the index "${this.name}"`);
		} finally {
			await end();
		}
	}

	async delete(what: DeleteRequest): Promise<number> {
		const { ids, filter } = checkDelete(what);
		if (isNothing(filter)) return 0;
		const { rows, maintenance } = await this.current(true);
		const groups = ids === undefined ? [undefined] : slices(ids, IDS_AT_ONCE);
		let removed = 0;
		for (const some of groups) {
			const where = some ? `${idsIn(some)} AND ${toSql(filter)}` : toSql(filter);
			const result = await retryConflicts(`deleting from the index "${this.name}"`, () => rows.delete(where));
			removed += result.numDeletedRows;
			// The keyword index goes on counting the terms of rows that are gone until it is tidied.
			maintenance.wrote(result.numDeletedRows);
		}
		await maintenance.settle();
		return removed;
	}

	async tune(options: TuneOptions, call: CallContext = {}): Promise<TuneReport> {
		const { rows, version, maintenance } = await this.current(true);
		const catalog = await Catalog.open(this.place);
		const remember = ({ kind, search }: Tuning): Promise<void> =>
			catalog.setTuning(this.name, version, { kind, search: { ...search } });
		try {
			return await maintenance.alone(async () => runTuning(await tuneTarget(rows, remember), options, call));
		} catch (thrown) {
			throw translate(thrown, `tuning the index "${this.name}"`);
		} finally {
			this.pointer = undefined;
		}
	}

	async count(filter?: Filter): Promise<number> {
		const where = toSql(and([parseFilter(filter)]));
		return await this.run('counting', ({ rows }) => rows.countRows(where));
	}

	async tally(field: 'source' | 'generation', filter?: Filter): Promise<Map<string, number>> {
		const where = toSql(and([parseFilter(filter)]));
		return await this.run('counting', ({ rows }) => tally(rows, field, where));
	}

	async drop(): Promise<void> {
		const catalog = await Catalog.open(this.place);
		if (this.pinned === undefined) await catalog.remove(this.name);
		else await catalog.removeVersion(this.name, this.pinned);
		this.pointer = undefined;
	}

	/** Tables stay open for the other users in this process; there is nothing of this object's own to close. */
	async close(): Promise<void> {
		this.pointer = undefined;
	}

	/**
	 * All that needs the event loop is done before the batch before is through, so that LanceDB can begin at once; asking
	 * for the table's schema is part of making the merge.
	 */
	private merging(
		{ rows, schema, entry, maintenance, inTurn }: Current,
		batch: readonly PreparedPoint[],
	): () => Promise<number> {
		const table = toArrow(batch, schema, entry.settings.dimensions);
		const merge = rows
			.mergeInsert('id')
			.whenMatchedUpdateAll({ where: 'target.hash <> source.hash' })
			.whenNotMatchedInsertAll();
		return () =>
			inTurn(async () => {
				const result = await retryConflicts(`writing to the index "${this.name}"`, () =>
					merge.execute(table),
				);
				release(table);
				const changed = result.numInsertedRows + result.numUpdatedRows;
				maintenance.wrote(changed);
				return changed;
			});
	}

	private async *scanManifest(prefix?: string): AsyncGenerator<readonly [key: string, value: JsonValue]> {
		const { keys } = await this.current(true);
		yield* keys.scan(prefix);
	}

	/** Carries out a read; when the version turns out to be gone, once more on the one the name points to now. */
	private async run<T>(doing: string, work: (current: Current) => Promise<T>): Promise<T> {
		const current = await this.current(false);
		try {
			return await work(current);
		} catch (thrown) {
			const error = translate(thrown, `${doing} the index "${this.name}"`);
			if (error.kind !== 'notFound') throw error;
			// Dropped, or dropped and made anew, since the pointer was read.
			forgetVersion(this.place, current.version);
			const now = await this.current(true);
			if (now.version === current.version) throw error;
			return await work(now);
		}
	}

	/** Reads may use a pointer up to a second old that this process has not changed; writes ask for a `fresh` one, so as not to go to a version that is no longer live. */
	private async current(fresh: boolean): Promise<Current> {
		const known = this.pointer;
		const changes = catalogChanges();
		const isNew = known && known.changes === changes && performance.now() - known.at < POINTER_MS;
		if (isNew && !fresh) return known.current;
		const catalog = await Catalog.open(this.place);
		const entry = await catalog.get(this.name);
		const version = this.pinned ?? entry?.live;
		const mine = version === undefined ? undefined : entry?.versions[version];
		if (!entry || !mine || version === undefined) {
			this.pointer = undefined;
			throw entry && version === undefined
				? new IndexError('notFound', incomplete(this.name))
				: notFound(this.name);
		}
		checkFormat(this.name, mine.format);
		const tables = await openVersion(this.place, this.name, version, mine.settings);
		const current = { ...tables, live: version === entry.live, entry: mine };
		this.pointer = { at: performance.now(), changes, current };
		return current;
	}
}

const ROW_COLUMNS: string[] = [...POINT_COLUMNS, 'vector'];

/** How often each value of a column occurs, null left out. */
async function tally(rows: Table, column: string, where?: string): Promise<Map<string, number>> {
	const turn = createSlicer();
	const counts = new Map<string, number>();
	const query = rows.query().select([column]);
	if (where !== undefined) query.where(where);
	for await (const batch of query) {
		const values = batch.getChild(column);
		for (let row = 0; row < batch.numRows; row++) {
			const value: unknown = values?.get(row);
			if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
			await turn();
		}
	}
	return counts;
}
