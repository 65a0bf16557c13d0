import { isObject, type JsonValue } from '../support';
import type { ManifestStore } from '../vectorIndex';
import type { Metadata } from './types';

/**
 * What the index knows about one source. The row is written before the first point of a new generation
 * (`indexing`) and again when all of them are counted (`ready`), so a run that died in between is seen by the next.
 */
export interface ManifestRow {
	readonly state: 'indexing' | 'ready' | 'removing';
	readonly contentHash: string;
	/** Chunking, context and embedding fingerprint. */
	readonly settingsHash: string;
	/** Title and metadata. */
	readonly metadataHash: string;
	/** Names the points of this version of the document. */
	readonly generation: string;
	/** Points of the generation; 0 until it is ready. */
	readonly chunks: number;
	/** Generations of this source that may have points too; dropped once the row is ready. */
	readonly stale: readonly string[];
	/** The last generation that was complete, while a newer one is being written. */
	readonly complete?: { readonly generation: string; readonly chunks: number };
	readonly title?: string;
	readonly metadata?: Metadata;
	/** Source of the mail or archive that it came in. */
	readonly partOf?: string;
	/** When the last complete version was stored (ISO 8601), and what was said of it. */
	readonly storedAt?: string;
	readonly warnings?: readonly string[];
	/** The run that wrote the row: tells a writer that another one has taken the source over. */
	readonly run: string;
}

/** Rows of sources; other keys (a migration's state) never begin with it. */
export const SOURCE_PREFIX = 'source:';

export function keyOf(source: string): string {
	return SOURCE_PREFIX + source;
}

export function sourceOf(key: string): string {
	return key.slice(SOURCE_PREFIX.length);
}

export async function readRows(
	manifest: ManifestStore,
	sources: readonly string[],
): Promise<Map<string, ManifestRow>> {
	const rows = new Map<string, ManifestRow>();
	if (sources.length === 0) return rows;
	for (const [key, value] of await manifest.get(sources.map(keyOf))) {
		const row = toRow(value);
		if (row) rows.set(sourceOf(key), row);
	}
	return rows;
}

export async function writeRows(
	manifest: ManifestStore,
	rows: ReadonlyMap<string, ManifestRow>,
): Promise<void> {
	if (rows.size === 0) return;
	const values = new Map<string, JsonValue>();
	for (const [source, row] of rows) values.set(keyOf(source), toJson(row));
	await manifest.put(values);
}

export async function* scanRows(
	manifest: ManifestStore,
): AsyncGenerator<{ readonly source: string; readonly row: ManifestRow }> {
	for await (const [key, value] of manifest.scan(SOURCE_PREFIX)) {
		const row = toRow(value);
		if (row) yield { source: sourceOf(key), row };
	}
}

/** All generations under which points of the source may be stored. */
export function generationsOf(row: ManifestRow): string[] {
	const { generation, stale, complete } = row;
	return [...new Set([generation, ...stale, ...(complete ? [complete.generation] : [])])];
}

function toJson(row: ManifestRow): JsonValue {
	const { complete, title, metadata, partOf, stale, storedAt, warnings, ...rest } = row;
	return {
		...rest,
		stale: [...stale],
		...(complete ? { complete: { ...complete } } : {}),
		...(title === undefined ? {} : { title }),
		...(metadata === undefined ? {} : { metadata }),
		...(partOf === undefined ? {} : { partOf }),
		...(storedAt === undefined ? {} : { storedAt }),
		...(warnings === undefined ? {} : { warnings: [...warnings] }),
	};
}

/** A row that cannot be read counts as none: the document is then written again under the same ids. */
function toRow(value: JsonValue): ManifestRow | undefined {
	if (!isObject(value)) return undefined;
	const { state, contentHash, settingsHash, metadataHash, generation, chunks, stale, run } = value;
	if (state !== 'indexing' && state !== 'ready' && state !== 'removing') return undefined;
	if (typeof contentHash !== 'string' || typeof settingsHash !== 'string') return undefined;
	if (typeof metadataHash !== 'string' || typeof generation !== 'string') return undefined;
	if (typeof chunks !== 'number' || typeof run !== 'string' || !isStringList(stale)) return undefined;
	const complete = toComplete(value.complete);
	return {
		...{ state, contentHash, settingsHash, metadataHash, generation, chunks, stale, run },
		...(complete ? { complete } : {}),
		...(typeof value.title === 'string' ? { title: value.title } : {}),
		...(isObject(value.metadata) ? { metadata: value.metadata } : {}),
		...(typeof value.partOf === 'string' ? { partOf: value.partOf } : {}),
		...(typeof value.storedAt === 'string' ? { storedAt: value.storedAt } : {}),
		...(isStringList(value.warnings) ? { warnings: value.warnings } : {}),
	};
}

function toComplete(value: JsonValue | undefined): ManifestRow['complete'] {
	if (!isObject(value)) return undefined;
	const { generation, chunks } = value;
	if (typeof generation !== 'string' || typeof chunks !== 'number') return undefined;
	return { generation, chunks };
}

function isStringList(value: JsonValue | undefined): value is readonly string[] {
	return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
