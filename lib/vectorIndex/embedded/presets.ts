import type { Index } from '@lancedb/lancedb';
import type { IndexSettings, SearchSettings } from '../types';
import { loadLance, type Table } from './lance';

export type VectorIndexKind = 'IVF_FLAT' | 'IVF_RQ' | 'IVF_HNSW_SQ';

export interface Preset {
	readonly kind: VectorIndexKind;
	readonly search: SearchSettings;
}

/**
 * Where to start without a measurement (see docs/vector-index.md); tuning does better. The default is the kind that is
 * built in a second for 50,000 vectors and extended for next to nothing: a graph answers in half the time, but building it
 * takes a minute of both cores for 100,000, while documents are still coming in.
 */
export const PRESETS: Readonly<Record<NonNullable<IndexSettings['preset']>, Preset>> = {
	fast: { kind: 'IVF_HNSW_SQ', search: { ef: 64 } },
	balanced: { kind: 'IVF_RQ', search: { nprobes: 50, refine: 10 } },
	accurate: { kind: 'IVF_HNSW_SQ', search: { ef: 300, refine: 10 } },
	// Its one-bit codes are a thirtieth of the vectors, which stay on disk: the same as `balanced`.
	lowMemory: { kind: 'IVF_RQ', search: { nprobes: 50, refine: 10 } },
};

/** What tuning measures on each kind, from fast to thorough. Kinds are in the order of what they cost to build. */
export const GRIDS: Readonly<Record<VectorIndexKind, readonly SearchSettings[]>> = {
	IVF_RQ: [
		{ nprobes: 5, refine: 3 },
		{ nprobes: 10, refine: 5 },
		{ nprobes: 20, refine: 5 },
		{ nprobes: 20, refine: 10 },
		{ nprobes: 50, refine: 10 },
		{ nprobes: 100, refine: 20 },
	],
	IVF_FLAT: [
		{ nprobes: 2 },
		{ nprobes: 5 },
		{ nprobes: 10 },
		{ nprobes: 20 },
		{ nprobes: 50 },
		{ nprobes: 100 },
	],
	IVF_HNSW_SQ: [
		{ ef: 64 },
		{ ef: 64, refine: 2 },
		{ ef: 100, refine: 3 },
		{ ef: 150, refine: 5 },
		{ ef: 300, refine: 10 },
		{ ef: 500, refine: 10 },
	],
};

export const KINDS: readonly VectorIndexKind[] = ['IVF_RQ', 'IVF_FLAT', 'IVF_HNSW_SQ'];

export function isKind(kind: string | undefined): kind is VectorIndexKind {
	return KINDS.some((each) => each === kind);
}

/** Builds the index on the vectors in place of the one there is. Searches go on meanwhile. */
export async function buildVectorIndex(table: Table, kind: VectorIndexKind, rows: number): Promise<void> {
	const { Index: make } = await loadLance();
	await table.createIndex('vector', { config: configOf(make, kind, rows), replace: true });
}

export async function dropVectorIndex(table: Table): Promise<void> {
	for (const { name, columns } of await table.listIndices()) {
		if (columns.includes('vector')) await table.dropIndex(name);
	}
}

/** The kind of index on the vectors; a kind that is none of ours by LanceDB's name for it. */
export async function vectorIndexOf(table: Table): Promise<string | undefined> {
	const found = (await table.listIndices()).find(({ columns }) => columns.includes('vector'))?.indexType;
	// LanceDB writes "IvfRq" where its documentation has IVF_RQ.
	return KINDS.find((kind) => kind.replaceAll('_', '').toLowerCase() === found?.toLowerCase()) ?? found;
}

function configOf(make: typeof Index, kind: VectorIndexKind, rows: number): Index {
	const distanceType = 'cosine';
	// The usual rule for inverted files: as many partitions as the square root of the rows.
	const numPartitions = Math.max(1, Math.round(Math.sqrt(rows)));
	if (kind === 'IVF_RQ') return make.ivfRq({ distanceType, numPartitions });
	if (kind === 'IVF_FLAT') return make.ivfFlat({ distanceType, numPartitions });
	// One graph for up to a million rows: fewer, larger graphs search better and cost memory only while building.
	return make.hnswSq({
		distanceType,
		numPartitions: Math.ceil(rows / 1_000_000),
		m: 16,
		efConstruction: 128,
	});
}
