import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallContext, slices, stableJson } from '../support';
import {
	createIndex,
	dropIndex,
	type IndexAddress,
	IndexError,
	type IndexLayout,
	type ManifestStore,
	openIndex,
	PLACE_PREFIX,
	type StoredPoint,
	type VectorIndex,
} from '../vectorIndex';
import { catchUp } from './catchUp';
import { IngestError } from './errors';
import { FENCE_MS, lowerFence, raiseFence } from './fence';
import { hasSingleWriters } from './singleRows';
import { inBatches } from './streams';
import { alone } from './lease';
import { scanRows, SOURCE_PREFIX, sourceOf } from './manifest';
import { isSamePlace, markElsewhere, markOf, nameOf, placeOf, unmark } from './elsewhere';

/** Documents whose rows are copied together. */
const SOURCES_AT_ONCE = 500;
const ROWS_AT_ONCE = 500;
/** Rows that were written one by one and not by a sync. */
const SINGLE = { generation: { exists: false } } as const;
/** Milliseconds to wait for writers that had begun a group before the fence was up. */
const WRITERS_MS = 20_000;
const POLL_MS = 250;
/** For a write that had begun before the index was marked. */
const LATE_MS = 500;
/** Times that is waited for, a little longer each time. */
const LATE_LOOKS = 8;
const MAX_SWITCHES = 5;
/** Not copied, nor part of a snapshot. */
const MOVING_KEY = `${PLACE_PREFIX}moving`;

export interface TransferReport {
	/** `unchanged`: it had been moved before. */
	readonly state: 'moved' | 'unchanged';
	/** Over the index in the first pass, and over what was stored meanwhile in the others. */
	readonly passes: number;
	readonly rows: number;
	readonly documents: number;
	/** How long writers waited, in milliseconds. */
	readonly writersWaitedMs: number;
	readonly totalMs: number;
}

/**
 * Moves an index to another place (between this machine and Qdrant, or between two Qdrant servers) while it is searched and written:
 * copies it, then what was stored meanwhile until nothing is left, lets writers wait for a moment, compares both, and from then on the
 * index may be written in the new place only. The old one stays as it is and can be searched; moving back is the same call the other
 * way round. Killed at any point it goes on when called again.
 *
 * @param options.layout of an index on Qdrant
 * @throws IndexError `notFound`, `alreadyExists` (an index of that name is in the new place that is no copy of this one),
 *   `invalidSettings` (both places are the same)
 * @throws IngestError `migration` when it is written faster than it is copied, or both differ in the end: nothing is moved then
 *
 * @example await transfer({ backend: 'embedded', directory, name: 'handbook' }, { backend: 'qdrant', url, name: 'handbook' });
 */
export async function transfer(
	from: IndexAddress,
	to: IndexAddress,
	options: { readonly layout?: IndexLayout; readonly maxWaitMs?: number } = {},
	call: CallContext = {},
): Promise<TransferReport> {
	const started = performance.now();
	const signal = call.signal ?? new AbortController().signal;
	const source = await openIndex(from);
	const target = await openTarget(source, from, to, options.layout);
	if ((await markOf(target.manifest)) === undefined) {
		return { state: 'unchanged', passes: 0, ...(await sizeOf(target)), writersWaitedMs: 0, totalMs: 0 };
	}
	return await alone(from.name, source.manifest, signal, async (held) => {
		const move = new Transfer(source, target, call, held);
		await catchUp(() => move.pass(), options.maxWaitMs ?? FENCE_MS);
		const writersWaitedMs = await move.switchOver(to, options.maxWaitMs ?? FENCE_MS);
		return {
			...{ state: 'moved', passes: move.passes, ...(await sizeOf(target)) },
			...{ writersWaitedMs, totalMs: performance.now() - started },
		};
	});
}

async function sizeOf(index: VectorIndex): Promise<{ readonly rows: number; readonly documents: number }> {
	const { rows, sources } = await index.info();
	return { rows, documents: sources };
}

/** The copy that an earlier run began or that the index was moved away from; otherwise a new one, which nobody may write yet. */
async function openTarget(
	source: VectorIndex,
	from: IndexAddress,
	to: IndexAddress,
	layout: IndexLayout | undefined,
): Promise<VectorIndex> {
	const there = await openIndex(to).catch((thrown: unknown) => {
		if (thrown instanceof IndexError && thrown.kind === 'notFound') return undefined;
		throw thrown;
	});
	const settings = await source.settings();
	const placeOfSource = placeOf(from);
	if (there) {
		if (from.backend === to.backend && (await isOne(source, there)))
			throw new IndexError(
				'invalidSettings',
				`The index "${to.name}" is in the new place already: both addresses lead to the same server.`,
			);
		const mark = await markOf(there.manifest);
		const leadsHere = mark ?? (await markOf(source.manifest));
		const isCopy = leadsHere !== undefined && isSamePlace(leadsHere, mark ? placeOfSource : placeOf(to));
		if (isCopy && (await there.settings()).fingerprint === settings.fingerprint) return there;
		// Of a run that was interrupted when it had made it.
		if (mark === undefined && (await isEmpty(there))) await dropIndex(to, to.name);
		else
			throw new IndexError(
				'alreadyExists',
				`There is another index named "${to.name}" in the new place${mark ? `, which belongs to one on ${nameOf(mark)}` : ''}. Drop it there, or restore a snapshot under another name.`,
			);
	}
	const made = await createIndex(to, { ...settings, layout: to.backend === 'qdrant' ? layout : undefined });
	await markElsewhere(made.manifest, placeOfSource);
	return made;
}

async function isEmpty(index: VectorIndex): Promise<boolean> {
	for await (const _ of index.manifest.scan()) return false;
	return (await index.count()) === 0;
}

/** Whether both are the same index, under whatever addresses: what is noted in one is then found in the other. */
async function isOne(one: VectorIndex, other: VectorIndex): Promise<boolean> {
	const id = randomUUID();
	await one.manifest.put(new Map([[MOVING_KEY, id]]));
	const found = (await other.manifest.get([MOVING_KEY])).get(MOVING_KEY);
	await one.manifest.delete([MOVING_KEY]);
	return found === id;
}

class Transfer {
	passes = 0;

	constructor(
		private readonly source: VectorIndex,
		private readonly target: VectorIndex,
		private readonly call: CallContext,
		private readonly signal: AbortSignal,
	) {}

	/** Brings the copy to what the index is now. Resolves to the number of documents and single rows that differed. */
	async pass(): Promise<number> {
		this.passes++;
		let changed = await this.copyDocuments();
		changed += await this.removeGone();
		return changed + (await this.copySingle());
	}

	/** Resolves to how long writers waited, in milliseconds. */
	async switchOver(to: IndexAddress, fenceMs: number): Promise<number> {
		const { manifest } = this.source;
		for (let attempt = 0; attempt < MAX_SWITCHES; attempt++) {
			const begun = performance.now();
			const { until } = await raiseFence(manifest, fenceMs);
			await this.waitForWriters();
			await this.pass();
			// Past that point a writer may have gone on: once more, with less to copy.
			if (Date.now() > until - fenceMs / 4) continue;
			await markElsewhere(manifest, placeOf(to));
			await lowerFence(manifest);
			await this.copyLate();
			await unmark(this.target.manifest);
			return performance.now() - begun;
		}
		await lowerFence(manifest);
		throw new IngestError(
			'migration',
			'The index changes faster than it can be copied. Pause the workflows that write to it, then run this again: it goes on where it stopped. Nothing was moved.',
		);
	}

	private async copyDocuments(): Promise<number> {
		let changed = 0;
		for await (const batch of inBatches(this.source.manifest.scan(), SOURCES_AT_ONCE)) {
			const there = await this.target.manifest.get(batch.map(([key]) => key));
			// A pass that was interrupted between rows and manifest copies the rows once more.
			const wanted = batch.filter(
				([key, value]) => isOfIndex(key) && stableJson(value) !== stableJson(there.get(key) ?? null),
			);
			if (wanted.length === 0) continue;
			const sources = wanted.flatMap(([key]) => (key.startsWith(SOURCE_PREFIX) ? [sourceOf(key)] : []));
			await this.copyRows(sources);
			await this.target.manifest.put(new Map(wanted));
			changed += wanted.length;
		}
		return changed;
	}

	/** Makes the rows of documents in the copy those of the index. */
	private async copyRows(sources: readonly string[]): Promise<void> {
		if (sources.length === 0) return;
		const filter = { source: { in: sources } };
		const ids = new Set<string>();
		const { signal } = this;
		const rows = this.source.scan(filter, { signal });
		const remembering = async function* (): AsyncGenerator<StoredPoint> {
			for await (const row of rows) {
				ids.add(row.id);
				yield row;
			}
		};
		const report = await this.target.upsert(remembering(), {
			signal,
			onProgress: (progress) => this.call.onProgress?.(progress),
		});
		const [failure] = report.failed;
		if (failure)
			throw new IngestError(
				'migration',
				`A row of "${failure.source}" cannot be copied: ${failure.reason} Nothing was moved.`,
			);
		const gone: string[] = [];
		for await (const { id } of this.target.scan(filter, { signal })) if (!ids.has(id)) gone.push(id);
		for (const some of slices(gone, ROWS_AT_ONCE)) await this.target.delete({ ids: some });
	}

	private async removeGone(): Promise<number> {
		let removed = 0;
		for await (const batch of inBatches(this.target.manifest.scan(), SOURCES_AT_ONCE)) {
			const here = await this.source.manifest.get(batch.map(([key]) => key));
			const gone = batch.flatMap(([key]) => (isOfIndex(key) && !here.has(key) ? [key] : []));
			if (gone.length === 0) continue;
			await this.copyRows(gone.flatMap((key) => (key.startsWith(SOURCE_PREFIX) ? [sourceOf(key)] : [])));
			await this.target.manifest.delete(gone);
			removed += gone.length;
		}
		return removed;
	}

	private async copySingle(): Promise<number> {
		const { signal } = this;
		const { written } = await this.target.upsert(this.source.scan(SINGLE, { signal }), { signal });
		const gone: string[] = [];
		for await (const batch of inBatches(this.target.scan(SINGLE, { signal }), ROWS_AT_ONCE)) {
			const here = new Set((await this.source.get(batch.map(({ id }) => id))).map(({ id }) => id));
			gone.push(...batch.map(({ id }) => id).filter((id) => !here.has(id)));
		}
		for (const some of slices(gone, ROWS_AT_ONCE)) await this.target.delete({ ids: some });
		return written + gone.length;
	}

	/**
	 * What writers stored that had begun before the index was marked: on a busy machine they take long to end.
	 * @throws IngestError `migration` when a version of a document still has other numbers of rows in both
	 */
	private async copyLate(): Promise<void> {
		for (let look = 0; look < LATE_LOOKS; look++) {
			await sleep(LATE_MS * (look + 1), undefined, { signal: this.signal });
			// A claim that was written at the moment of the mark is taken back.
			await this.waitForWriters();
			await this.pass();
			const [here, there] = await Promise.all([this.source, this.target].map(countsOf));
			if (here === there) return;
			await this.copyDiffering();
		}
		await unmark(this.source.manifest);
		throw new IngestError(
			'migration',
			'The copy differs from the index: rows are missing or too many. Nothing was moved. Run this again: it copies what differs.',
		);
	}

	/** Rows that a writer took back when it learned of the move: the manifest may have been as it was again before they were gone. */
	private async copyDiffering(): Promise<void> {
		const [here, there] = await Promise.all([this.source.tally('source'), this.target.tally('source')]);
		const sources = new Set([...here.keys(), ...there.keys()]);
		const differing = [...sources].filter((source) => here.get(source) !== there.get(source));
		for (const some of slices(differing, SOURCES_AT_ONCE)) await this.copyRows(some);
	}

	/** Writers that claimed documents before the fence was up finish them; those that died never will. */
	private async waitForWriters(): Promise<void> {
		for (const end = Date.now() + WRITERS_MS; Date.now() < end; ) {
			const { manifest } = this.source;
			if (!(await isBeingWritten(manifest)) && !(await hasSingleWriters(manifest))) return;
			await sleep(POLL_MS, undefined, { signal: this.signal });
		}
	}
}

async function isBeingWritten(manifest: ManifestStore): Promise<boolean> {
	for await (const { row } of scanRows(manifest)) if (row.state === 'indexing') return true;
	return false;
}

/** Rows of each version of each document, and of all that belong to none. */
async function countsOf(index: VectorIndex): Promise<string> {
	const generations = await index.tally('generation');
	return stableJson([await index.count(), [...generations].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Whether a key is of what is stored, not of a run that is going on. */
const isOfIndex = (key: string): boolean => !key.startsWith('migration:') && !key.startsWith(PLACE_PREFIX);
