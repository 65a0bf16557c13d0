import type { Schemas } from '@qdrant/js-client-rest';
import type { IndexSettings, SearchSettings } from '../types';

interface Preset {
	readonly hnsw: Schemas['HnswConfigDiff'];
	readonly quantization?: Schemas['QuantizationConfig'];
	/** Originals stay on disk; only what is searched first is in memory. */
	readonly onDisk?: boolean;
	readonly search: SearchSettings;
}

export const INT8: Schemas['QuantizationConfig'] = {
	scalar: { type: 'int8', quantile: 0.99, always_ram: true },
};

export const TURBO: Schemas['QuantizationConfig'] = { turbo: { bits: 'bits4', always_ram: true } };

/**
 * Where to start (docs/vector-index.md has the measurements). Quantized vectors are always compared again with the
 * originals: left to itself Qdrant does not for int8, and recall drops by two to five points.
 */
export const PRESETS: Readonly<Record<NonNullable<IndexSettings['preset']>, Preset>> = {
	fast: { hnsw: { m: 16 }, quantization: INT8, search: { ef: 64, refine: 2 } },
	balanced: { hnsw: { m: 16, ef_construct: 128 }, quantization: INT8, search: { ef: 128, refine: 2 } },
	accurate: { hnsw: { m: 32, ef_construct: 256 }, search: { ef: 256 } },
	lowMemory: {
		hnsw: { m: 16, on_disk: true },
		quantization: TURBO,
		onDisk: true,
		search: { ef: 128, refine: 3 },
	},
};

/** What tuning measures, from fast to thorough; the graph is Qdrant's own affair. */
export const GRID: readonly SearchSettings[] = [
	{ ef: 16, refine: 1 },
	{ ef: 32, refine: 2 },
	{ ef: 64, refine: 2 },
	{ ef: 128, refine: 2 },
	{ ef: 256, refine: 3 },
	{ ef: 512, refine: 4 },
];

export function searchParams({ exact, ef, refine }: SearchSettings): Schemas['SearchParams'] {
	if (exact) return { exact: true };
	return {
		...(ef !== undefined && { hnsw_ef: ef }),
		...(refine !== undefined && { quantization: { rescore: true, oversampling: refine } }),
	};
}
