import type {
	Filter,
	IndexInfo,
	IndexSettings,
	ManifestStore,
	PendingVectors,
	Point,
	StoredPoint,
	UpsertReport,
	VectorIndex,
} from '../../lib/vectorIndex';
import { contentId, type JsonValue } from '../../lib/support';

/** An index in memory, for tests that count calls or inject faults. The real one has its own suites. */
export class MemoryIndex implements VectorIndex {
	readonly rows = new Map<string, StoredPoint>();
	readonly manifest = new MemoryManifest();
	readonly calls = { upsert: 0, delete: 0, count: 0, scan: 0 };
	/** Called with the points of each upsert before they are stored. */
	beforeUpsert: (points: readonly Point[]) => void | Promise<void> = () => undefined;
	beforeDelete: (filter: Filter) => void | Promise<void> = () => undefined;

	constructor(
		private readonly dimensions: number,
		private readonly fingerprint: string,
	) {}

	readonly pending: PendingVectors = {
		coverage: async () => ({ rows: this.rows.size, pending: this.waiting().length }),
		oldest: async (limit) =>
			this.waiting()
				.slice(0, limit)
				.map((point) => ({ point, hash: '' })),
		fill: async (filled) => {
			for (const { row, vector } of filled) {
				const { pendingSince: _, ...point } = row.point;
				this.rows.set(point.id, { ...point, ...(vector && { vector }) });
			}
			return filled.length;
		},
	};

	private waiting(): StoredPoint[] {
		return [...this.rows.values()].filter(({ pendingSince }) => pendingSince !== undefined);
	}

	async settings(): Promise<IndexSettings> {
		return { dimensions: this.dimensions, fingerprint: this.fingerprint, model: 'test' };
	}

	async info(): Promise<IndexInfo> {
		return {
			...(await this.settings()),
			...{ name: 'memory', version: '1', live: true, backend: 'embedded' },
			...{ rows: this.rows.size, bytes: 0, vectorIndex: 'none', pendingVectors: this.waiting().length },
			sources: new Set([...this.rows.values()].map(({ source }) => source)).size,
		};
	}

	async upsert(points: AsyncIterable<Point> | Iterable<Point>): Promise<UpsertReport> {
		this.calls.upsert++;
		const all: Point[] = [];
		for await (const point of points) all.push(point);
		await this.beforeUpsert(all);
		for (const point of all) {
			const id = point.id ?? contentId(point.source, String(point.start), point.text);
			this.rows.set(id, { ...point, id });
		}
		return { written: all.length, unchanged: 0, failed: [], failedCount: 0 };
	}

	async get(ids: readonly string[]): Promise<StoredPoint[]> {
		return ids.flatMap((id) => this.rows.get(id) ?? []);
	}

	async *scan(filter?: Filter): AsyncGenerator<StoredPoint> {
		this.calls.scan++;
		for (const row of this.rows.values()) if (matches(row, filter)) yield row;
	}

	async delete(what: Parameters<VectorIndex['delete']>[0]): Promise<number> {
		this.calls.delete++;
		if (what.filter) await this.beforeDelete(what.filter);
		let removed = 0;
		for (const row of [...this.rows.values()]) {
			const hit =
				(what.ids?.includes(row.id) ?? true) &&
				(what.source === undefined || what.source === row.source) &&
				matches(row, what.filter);
			if (hit && this.rows.delete(row.id)) removed++;
		}
		return removed;
	}

	async count(filter?: Filter): Promise<number> {
		this.calls.count++;
		return [...this.rows.values()].filter((row) => matches(row, filter)).length;
	}

	async tally(field: 'source' | 'generation', filter?: Filter): Promise<Map<string, number>> {
		const counts = new Map<string, number>();
		for (const row of this.rows.values()) {
			const value = row[field];
			if (value !== undefined && matches(row, filter)) counts.set(value, (counts.get(value) ?? 0) + 1);
		}
		return counts;
	}

	async search(): Promise<never> {
		throw new Error('the index double does not search');
	}

	async searchMany(): Promise<never> {
		throw new Error('the index double does not search');
	}

	async tune(): Promise<never> {
		throw new Error('the index double does not tune');
	}

	async drop(): Promise<void> {
		this.rows.clear();
	}

	async close(): Promise<void> {}
}

class MemoryManifest implements ManifestStore {
	readonly values = new Map<string, JsonValue>();
	readonly calls = { get: 0, put: 0, delete: 0 };

	async get(keys: readonly string[]): Promise<Map<string, JsonValue>> {
		this.calls.get++;
		const found = new Map<string, JsonValue>();
		for (const key of keys) {
			const value = this.values.get(key);
			if (value !== undefined) found.set(key, value);
		}
		return found;
	}

	async put(rows: ReadonlyMap<string, JsonValue>): Promise<void> {
		this.calls.put++;
		for (const [key, value] of rows) this.values.set(key, value);
	}

	async delete(keys: readonly string[]): Promise<void> {
		this.calls.delete++;
		for (const key of keys) this.values.delete(key);
	}

	async *scan(prefix = ''): AsyncGenerator<readonly [string, JsonValue]> {
		for (const entry of this.values) if (entry[0].startsWith(prefix)) yield entry;
	}
}

/** Understands the filters ingest uses: equality and `in` on source and generation. */
function matches(row: StoredPoint, filter: Filter | undefined): boolean {
	if (!filter) return true;
	return Object.entries(filter).every(([field, condition]) => {
		const value = field === 'source' ? row.source : field === 'generation' ? row.generation : undefined;
		if (typeof condition === 'string') return value === condition;
		if (typeof condition === 'object' && condition !== null && 'exists' in condition)
			return (value !== undefined) === condition.exists;
		if (
			typeof condition === 'object' &&
			condition !== null &&
			'in' in condition &&
			Array.isArray(condition.in)
		) {
			return value !== undefined && condition.in.includes(value);
		}
		throw new Error(`the index double does not understand the filter on "${field}"`);
	});
}
