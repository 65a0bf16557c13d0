import { isDeepStrictEqual } from 'node:util';
import type { VectorIndex } from '../vectorIndex';
import { generationsOf, readRows, type ManifestRow } from './manifest';

/** What the index holds of some sources, compared with what its manifest says. */
export interface Compared {
	readonly rows: ReadonlyMap<string, ManifestRow>;
	/** Sources whose rows are not those of the manifest, with the number of rows there are. */
	readonly torn: ReadonlyMap<string, number>;
	/** Generations of rows that the manifest knows nothing of. */
	readonly foreign: ReadonlySet<string>;
}

/**
 * Looks sources up and counts their rows: rows can be lost, old or foreign though the manifest says otherwise (a restored
 * snapshot, a shard or collection that is gone, rows deleted by other programs). Other runs may write between the two
 * reads, so what differs is looked at twice, and counts only if it is the same both times.
 */
export async function compareWithRows(index: VectorIndex, sources: readonly string[]): Promise<Compared> {
	const first = await compare(index, sources);
	if (first.torn.size === 0 && first.foreign.size === 0) return first;
	const second = await compare(index, sources);
	const same = (source: string): boolean =>
		isDeepStrictEqual(first.rows.get(source), second.rows.get(source));
	return {
		rows: second.rows,
		torn: new Map([...second.torn].filter(([source]) => first.torn.has(source) && same(source))),
		foreign: new Set([...second.foreign].filter((generation) => first.foreign.has(generation))),
	};
}

async function compare(index: VectorIndex, sources: readonly string[]): Promise<Compared> {
	if (sources.length === 0) return { rows: new Map(), torn: new Map(), foreign: new Set() };
	// Rows first: a writer puts its generation into the manifest before its first row.
	const counts = await index.tally('generation', { source: { in: sources } });
	const rows = await readRows(index.manifest, sources);
	const known = new Set([...rows.values()].flatMap(generationsOf));
	const torn = new Map<string, number>();
	for (const [source, { state, generation, chunks }] of rows) {
		const count = counts.get(generation) ?? 0;
		if (state === 'ready' && count !== chunks) torn.set(source, count);
	}
	return { rows, torn, foreign: new Set([...counts.keys()].filter((generation) => !known.has(generation))) };
}
