import { isObject, type JsonValue } from '../../support';
import { fromArrow } from './rows';
import { MIN_INDEXED_ROWS, type TuneGroup, type TuneTarget } from '../tuning';
import type { IndexSettings, SearchSettings } from '../types';
import { retryConflicts, translate, type Table } from './lance';
import {
	buildVectorIndex,
	dropVectorIndex,
	GRIDS,
	isKind,
	KINDS,
	PRESETS,
	vectorIndexOf,
	type VectorIndexKind,
} from './presets';
import { nearestIds } from './stages';

/** What the catalog remembers of tuning: the kind of index and how to search it. */
export interface Tuning {
	readonly kind: VectorIndexKind | 'none';
	readonly search: SearchSettings;
}

const EXACT: Tuning = { kind: 'none', search: { exact: true } };

/** Reads what the catalog remembers; undefined when the index was never tuned. */
export function toTuning(value: JsonValue | undefined): Tuning | undefined {
	if (!isObject(value) || typeof value.kind !== 'string' || !isObject(value.search)) return undefined;
	const { exact, ef, nprobes, refine } = value.search;
	const search: SearchSettings = {
		...(typeof exact === 'boolean' && { exact }),
		...(typeof ef === 'number' && { ef }),
		...(typeof nprobes === 'number' && { nprobes }),
		...(typeof refine === 'number' && { refine }),
	};
	return { kind: isKind(value.kind) ? value.kind : 'none', search };
}

/** The most thorough settings of each kind: right whatever was measured, and slower than need be. */
const THOROUGH = new Map<string, SearchSettings>(
	KINDS.map((kind) => [kind, GRIDS[kind].at(-1) ?? EXACT.search]),
);

/**
 * How to search the kind of index that is there: as tuned, or as the preset has it. Settings of one kind are no good on another:
 * while kinds change, or after a tuning that was interrupted, the kind is asked thoroughly.
 */
export async function searchSettingsOf(
	table: Table,
	settings: IndexSettings,
	tuning: Tuning | undefined,
): Promise<SearchSettings> {
	const { kind, search } = tuning ?? PRESETS[settings.preset ?? 'balanced'];
	const there = await kindThere(table);
	if (there === undefined || there === kind) return search;
	return THOROUGH.get(there) ?? EXACT.search;
}

const kinds = new WeakMap<Table, { readonly version: number; readonly kind: string | undefined }>();

/** The kind of index on the vectors, looked up once for each version of the table. */
async function kindThere(table: Table): Promise<string | undefined> {
	const version = await table.version();
	const known = kinds.get(table);
	if (known?.version === version) return known.kind;
	const kind = await vectorIndexOf(table);
	kinds.set(table, { version, kind });
	return kind;
}

/**
 * Builds the index of the preset (or of the tuning) once the vectors are so many that comparing all takes noticeably
 * long. Resolves to false while they are not.
 */
export async function ensureVectorIndex(
	table: Table,
	settings: IndexSettings,
	tuning: Tuning | undefined,
): Promise<boolean> {
	const kind = tuning?.kind ?? PRESETS[settings.preset ?? 'balanced'].kind;
	if (kind === 'none' || (await vectorIndexOf(table)) !== undefined) return true;
	const rows = await countVectors(table);
	if (rows < MIN_INDEXED_ROWS) return false;
	await buildVectorIndex(table, kind, rows);
	return true;
}

/** The table as something to tune. `remember` puts a tuning in the catalog, where every process reads it. */
export async function tuneTarget(
	table: Table,
	remember: (tuning: Tuning) => Promise<void>,
): Promise<TuneTarget> {
	const rows = await countVectors(table);
	let built = await vectorIndexOf(table);

	async function build(kind: VectorIndexKind): Promise<void> {
		// Other processes write and tidy meanwhile.
		await retryConflicts('building the index of the vectors', () => buildVectorIndex(table, kind, rows));
		built = kind;
	}

	const first = isKind(built) ? built : undefined;
	const kinds = [...KINDS].sort((a, b) => Number(b === first) - Number(a === first));
	const groups = kinds.map(
		(kind): TuneGroup => ({
			kind,
			settings: GRIDS[kind],
			...(kind !== first && { build: () => build(kind) }),
		}),
	);
	return {
		rows,
		groups,
		sample: (count) => sampleVectors(table, count),
		nearest: (vector, limit, search) => nearestIds(table, vector, limit, search),
		async apply(kind, search) {
			if (isKind(kind) && kind !== built) await build(kind);
			if (kind === 'none' && built !== undefined) await dropVectorIndex(table);
			await remember({ kind: isKind(kind) ? kind : 'none', search });
		},
	};
}

async function countVectors(table: Table): Promise<number> {
	return await table.countRows('vector IS NOT NULL');
}

/** Rows at even steps through the table, with a random beginning. */
async function sampleVectors(
	table: Table,
	count: number,
): Promise<Array<{ id: string; vector: Float32Array }>> {
	const rows = await table.countRows();
	if (rows === 0) return [];
	const step = Math.max(1, rows / count);
	const begin = Math.random() * step;
	const offsets = Array.from({ length: Math.min(count, rows) }, (_, i) =>
		Math.min(rows - 1, Math.floor(begin + i * step)),
	);
	const found: Array<{ id: string; vector: Float32Array }> = [];
	try {
		for await (const batch of table.takeOffsets([...new Set(offsets)]).select(['id', 'vector'])) {
			for (const { id, vector } of fromArrow(batch)) if (vector) found.push({ id, vector });
		}
	} catch (thrown) {
		throw translate(thrown, 'taking a sample of the index');
	}
	return found;
}
