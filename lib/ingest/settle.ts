import type { VectorIndex } from '../vectorIndex';
import { rowOf } from './claim';
import { readRows, writeRows, type ManifestRow } from './manifest';
import type { Run } from './run';
import type { Work } from './work';

/** Makes complete documents readable as such; resolves to those whose points do not add up. */
export async function settle(works: readonly Work[], run: Run): Promise<Set<Work>> {
	const unsettled = await findIncomplete(
		works.filter(({ failure }) => failure === undefined),
		run,
	);
	const complete = works.filter((work) => work.failure === undefined && !unsettled.has(work));
	if (complete.length === 0) return unsettled;
	const current = await readRows(
		run.index.manifest,
		complete.map(({ source }) => source),
	);
	const ready = new Map<string, ManifestRow>();
	for (const work of complete) {
		const row = current.get(work.source);
		if (row && row.generation !== work.generation) {
			work.failure = `Another run is storing a different version of "${work.source}" at the same time; its version is kept. Run again if this one is newer.`;
		} else {
			ready.set(work.source, rowOf(work, run, row, work.pieces));
		}
	}
	await writeRows(run.index.manifest, ready);
	await dropStale(run.index, ready);
	return unsettled;
}

async function findIncomplete(works: readonly Work[], run: Run): Promise<Set<Work>> {
	const generations = works.map(({ generation }) => generation);
	const expected = works.reduce((sum, { pieces }) => sum + pieces, 0);
	if (expected === (await countRows(run.index, generations))) return new Set();
	const incomplete = new Set<Work>();
	for (const work of works) {
		if (work.pieces !== (await countRows(run.index, [work.generation]))) incomplete.add(work);
	}
	return incomplete;
}

/** Removes the points of replaced generations, then forgets their names. */
export async function dropStale(index: VectorIndex, rows: ReadonlyMap<string, ManifestRow>): Promise<void> {
	const settled = new Map<string, ManifestRow>();
	const generations: string[] = [];
	for (const [source, row] of rows) {
		if (row.stale.length === 0) continue;
		generations.push(...row.stale);
		settled.set(source, { ...row, stale: [] });
	}
	if (generations.length === 0) return;
	await index.delete({ filter: { generation: { in: generations } } });
	await writeRows(index.manifest, settled);
}

async function countRows(index: VectorIndex, generations: readonly string[]): Promise<number> {
	return generations.length === 0 ? 0 : index.count({ generation: { in: generations } });
}
