import { textToEmbed } from '../chunking';
import { slices } from '../support';
import type { Embedder } from '../embedding';
import type { StoredPoint, VectorIndex } from '../vectorIndex';
import { IngestError } from './errors';
import { inBatches } from './streams';
import { withVectors } from './vectors';

const BATCH_SIZE = 256;
/** Points that were written one by one and not by a sync. */
const SINGLE = { generation: { exists: false } } as const;

/**
 * Brings the points that belong to no document (written by upsert) of one version of an index to another: new and
 * changed ones are embedded and written under their ids, those that are gone are deleted.
 * @returns how many were written or deleted
 */
export async function copySinglePoints(
	from: VectorIndex,
	to: VectorIndex,
	embedder: Embedder,
	signal: AbortSignal,
	{ additionsOnly = false }: { readonly additionsOnly?: boolean } = {},
): Promise<number> {
	// Embedding takes long: no version of the index is held for it. Which rows are wanted is found first.
	const wanted: string[] = [];
	for await (const batch of inBatches(from.scan(SINGLE, { signal }), BATCH_SIZE)) {
		const there = new Map((await to.get(batch.map(({ id }) => id))).map((point) => [point.id, point]));
		for (const point of batch) {
			const same = additionsOnly || contentOf(point) === contentOf(there.get(point.id));
			if (!there.has(point.id) || !same) wanted.push(point.id);
		}
	}
	let changed = 0;
	for (const ids of slices(wanted, BATCH_SIZE)) {
		// Those that were deleted since are no longer there.
		const points = await from.get(ids);
		changed += points.length;
		await embedAndWrite(points, to, embedder, signal);
	}
	if (additionsOnly) return changed;
	const gone: string[] = [];
	for await (const batch of inBatches(to.scan(SINGLE, { signal }), BATCH_SIZE)) {
		const here = new Set((await from.get(batch.map(({ id }) => id))).map(({ id }) => id));
		gone.push(...batch.map(({ id }) => id).filter((id) => !here.has(id)));
	}
	if (gone.length > 0) await to.delete({ ids: gone });
	return changed + gone.length;
}

async function embedAndWrite(
	points: readonly StoredPoint[],
	to: VectorIndex,
	embedder: Embedder,
	signal: AbortSignal,
): Promise<void> {
	if (points.length === 0) return;
	// Its vector is one of the old model.
	const rows = points.map(({ vector: _, ...point }) => ({
		point,
		embedText: textToEmbed(point.text, point.context),
	}));
	const { failed } = await to.upsert(withVectors(rows, embedder, { signal }), { signal });
	const [first] = failed;
	if (first)
		throw new IngestError('migration', `A row of "${first.source}" cannot be carried over: ${first.reason}`);
}

/** What makes two points the same besides their vectors, which are of different models. */
function contentOf(point: StoredPoint | undefined): string | undefined {
	if (!point) return undefined;
	const { text, source, context, start, end, metadata, parent } = point;
	return JSON.stringify([text, source, context, start, end, metadata, parent]);
}
