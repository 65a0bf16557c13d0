import { idOfContent, type Point, type UpsertReport, type VectorIndex } from '../../lib/vectorIndex';
import { deletePoints } from '../../lib/ingest';

/** Ids deleted at once. */
const BATCH = 1000;

/** What one run writes, by source: everything else of these sources is older. */
export class Written {
	private readonly ids = new Map<string, Set<string>>();

	constructor(private readonly fingerprint: string) {}

	/** Passes the points on and remembers their ids. */
	async *remember(points: AsyncIterable<Point>): AsyncGenerator<Point> {
		for await (const point of points) {
			const ids = this.ids.get(point.source) ?? new Set<string>();
			ids.add(point.id ?? idOfContent(point, this.fingerprint));
			this.ids.set(point.source, ids);
			yield point;
		}
	}

	/** Removes the older rows of the sources that were written; nothing after a failure, which may have left a document in part. */
	async removeOlder(index: VectorIndex, report: UpsertReport): Promise<number> {
		if (report.failedCount > 0) return 0;
		let removed = 0;
		for (const [source, kept] of this.ids) {
			let old: string[] = [];
			const found: string[][] = [];
			for await (const { id } of index.scan({ source })) {
				if (kept.has(id)) continue;
				old.push(id);
				if (old.length === BATCH) {
					found.push(old);
					old = [];
				}
			}
			for (const ids of [...found, old]) if (ids.length > 0) removed += await deletePoints(index, { ids });
		}
		return removed;
	}
}
