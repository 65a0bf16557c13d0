import { setTimeout as sleep } from 'node:timers/promises';
import { IndexError, type Point, type VectorIndex } from '../vectorIndex';
import { messageOf } from '../support';
import { embedPieces } from './embed';
import { IngestError } from './errors';
import { isFenced, waitForFence } from './fence';
import type { Group, GroupPiece } from './groups';
import { generationsOf, keyOf, readRows, writeRows, type ManifestRow } from './manifest';
import { toPoint } from './pieces';
import type { Run } from './run';
import type { DocumentOutcome } from './types';
import type { Work } from './work';

/** Pieces of a document written by itself that are in memory at once. */
const alonePieces = 256;
/** Documents in a row that fail to embed before the embedder, and not the documents, is held to be at fault. */
const hopelessEmbeddings = 3;
/**
 * Groups are settled together, because each settlement is a commit: at the latest after so many milliseconds (a run that
 * dies writes again what was not settled) and so many groups (their texts are in memory till then).
 */
const settleTogether = { ms: 500, groups: 4 };
/** Times a document is written again when its rows do not add up because another run interferes. */
const maxRewrites = 3;

/** A group whose points are being written. */
interface Stored {
	readonly group: Group;
	readonly stored: Promise<void>;
}

/**
 * Writes groups into the index: claim (manifest rows say `indexing`), store the points, verify their number, make the
 * rows `ready`, drop what they replace. A run that dies at any point leaves rows from which the next one goes on.
 * Each group goes through `claiming`, `storing` and `finishing` in this order; different groups may be in each at once.
 */
export class Writer {
	private failedEmbeddings = 0;
	private readonly claims = new WeakMap<Work['company'], Promise<void>>();

	constructor(private readonly run: Run) {}

	/** Begins to claim the sources of each group, so that it is done by the time the group is embedded. */
	async *claiming(groups: AsyncIterable<Group>): AsyncGenerator<Group, void, undefined> {
		for await (const group of groups) {
			for (const { company } of group.opened) {
				if (this.claims.has(company)) continue;
				const claim = this.claim(company.filter(({ usable }) => usable));
				// Whoever stores a group gets the rejection; if nobody does, the run has failed already.
				claim.catch(() => undefined);
				this.claims.set(company, claim);
			}
			yield group;
		}
	}

	/** Begins to write the points of each group and lets go of them. */
	async *storing(groups: AsyncIterable<Group>): AsyncGenerator<Stored, void, undefined> {
		for await (const group of groups) {
			const stored = this.storeGroup(group);
			// Whoever finishes the group gets the rejection.
			stored.catch(() => undefined);
			yield { group, stored };
		}
	}

	/** The outcomes of all documents that end with these groups, settled a few groups at a time. */
	async *finishing(groups: AsyncIterable<Stored>): AsyncGenerator<DocumentOutcome[], void, undefined> {
		let waiting: Group[] = [];
		let settled = performance.now();
		for await (const { group, stored } of groups) {
			await stored;
			waiting.push(group);
			if (waiting.length < settleTogether.groups && performance.now() - settled < settleTogether.ms) continue;
			yield await this.finish(waiting);
			waiting = [];
			settled = performance.now();
		}
		if (waiting.length > 0) yield await this.finish(waiting);
	}

	private async storeGroup({ pieces, opened, closed }: Group): Promise<void> {
		const stop = this.run.tally.writing();
		const works = [...opened, ...closed, ...pieces.map(({ work }) => work)];
		try {
			for (const company of new Set(works.map((work) => work.company))) await this.claims.get(company);
			await this.store(pieces.splice(0).filter(({ work }) => work.usable));
		} finally {
			stop();
		}
	}

	private async finish(groups: readonly Group[]): Promise<DocumentOutcome[]> {
		const closed = groups.flatMap((group) => group.closed);
		const unsettled = await this.settle(closed.filter(({ usable }) => usable));
		for (const work of closed) {
			if (work.failure === undefined && (work.alone || unsettled.has(work))) await this.writeAlone(work);
		}
		for (const work of closed) if (work.failure !== undefined) await this.abandon(work);
		return [...groups.flatMap(({ outcomes }) => outcomes), ...closed.map((work) => work.outcome())];
	}

	private async claim(works: readonly Work[]): Promise<void> {
		if (works.length === 0) return;
		const { manifest } = this.run.index;
		for (;;) {
			// Read again: another run may have written since the look-up, and its points must not be forgotten.
			const current = await readRows(
				manifest,
				works.map(({ source }) => source),
			);
			const claims = new Map<string, ManifestRow>();
			for (const work of works) {
				const row = current.get(work.source);
				if (!work.claimed) work.previous = row;
				if (!work.claimed && row?.state === 'ready' && row.generation === work.generation) {
					work.doneElsewhere = true;
				} else claims.set(work.source, this.rowOf(work, row));
			}
			await writeRows(manifest, claims);
			// Looked at after the claim: a migration that raises its fence now will see the claim.
			if (!(await isFenced(manifest))) {
				for (const work of works) if (!work.doneElsewhere) work.claimed = true;
				return;
			}
			for (const work of works) if (!work.doneElsewhere) await this.restore(work);
			await waitForFence(manifest, this.run.signal);
		}
	}

	/**
	 * The row that claims a source for this run or, with the number of its chunks, makes it ready. It remembers every
	 * generation that may have points.
	 */
	private rowOf(work: Work, before: ManifestRow | undefined, chunks?: number): ManifestRow {
		const { document, generation, settingsHash } = work;
		const complete =
			before?.state === 'ready' ? { generation: before.generation, chunks: before.chunks } : before?.complete;
		return {
			state: chunks === undefined ? 'indexing' : 'ready',
			...{ settingsHash, generation, contentHash: document.contentHash, metadataHash: document.metadataHash },
			chunks: chunks ?? 0,
			stale: before ? generationsOf(before).filter((other) => other !== generation) : [],
			...(complete && chunks === undefined ? { complete } : {}),
			...(document.title === undefined ? {} : { title: document.title }),
			...(document.metadata === undefined ? {} : { metadata: document.metadata }),
			run: this.run.id,
		};
	}

	private async store(pieces: readonly GroupPiece[]): Promise<void> {
		if (pieces.length === 0) return;
		const { signal, fingerprint } = this.run;
		const works = new Map(pieces.map(({ work }) => [work.source, work]));
		const { failed } = await this.run.index
			.upsert(pointsOf(pieces), { signal, fingerprint })
			.catch((error: unknown) => {
				throw isMoved(error) ? moved(error) : error;
			});
		for (const { source, reason } of failed) {
			const work = works.get(source);
			if (work) work.failure ??= `The index refused a chunk: ${reason}`;
		}
	}

	/** Makes complete documents readable as such; resolves to those whose points do not add up. */
	private async settle(works: readonly Work[]): Promise<Set<Work>> {
		const unsettled = await this.findIncomplete(works.filter(({ failure }) => failure === undefined));
		const complete = works.filter((work) => work.failure === undefined && !unsettled.has(work));
		if (complete.length === 0) return unsettled;
		const current = await readRows(
			this.run.index.manifest,
			complete.map(({ source }) => source),
		);
		const ready = new Map<string, ManifestRow>();
		for (const work of complete) {
			const row = current.get(work.source);
			if (row && row.generation !== work.generation) {
				work.failure = `Another run is storing a different version of "${work.source}" at the same time; its version is kept. Run again if this one is newer.`;
			} else {
				ready.set(work.source, this.rowOf(work, row, work.pieces));
			}
		}
		await writeRows(this.run.index.manifest, ready);
		await dropStale(this.run.index, ready);
		this.failedEmbeddings = 0;
		return unsettled;
	}

	private async findIncomplete(works: readonly Work[]): Promise<Set<Work>> {
		const generations = works.map(({ generation }) => generation);
		const expected = works.reduce((sum, { pieces }) => sum + pieces, 0);
		if (expected === (await countRows(this.run.index, generations))) return new Set();
		const incomplete = new Set<Work>();
		for (const work of works) {
			if (work.pieces !== (await countRows(this.run.index, [work.generation]))) incomplete.add(work);
		}
		return incomplete;
	}

	/** Writes one document from its beginning, apart from all others. */
	private async writeAlone(work: Work): Promise<void> {
		work.alone = false;
		for (let attempt = 0; attempt <= maxRewrites && work.failure === undefined; attempt++) {
			if (attempt > 0)
				await sleep(100 * 2 ** attempt * Math.random(), undefined, { signal: this.run.signal });
			await this.claim([work]);
			if (work.doneElsewhere) return;
			await this.storeAlone(work);
			if (work.failure !== undefined) return;
			const unsettled = await this.settle([work]);
			if (!unsettled.has(work)) return;
		}
		work.failure ??=
			'The rows in the index do not add up: another run keeps changing them. Run again when it is done.';
	}

	private async storeAlone(work: Work): Promise<void> {
		let batch: GroupPiece[] = [];
		const flush = async (): Promise<void> => {
			await this.embedAlone(work, batch);
			if (work.failure === undefined) await this.store(batch);
			batch = [];
		};
		try {
			for await (const piece of work.cut(this.run)) {
				batch.push({ work, piece });
				if (batch.length < alonePieces) continue;
				await flush();
				if (work.failure !== undefined) return;
			}
		} catch (error) {
			this.run.signal.throwIfAborted();
			throw error;
		}
		await flush();
	}

	private async embedAlone(work: Work, batch: readonly GroupPiece[]): Promise<void> {
		try {
			await embedPieces(batch, this.run);
			this.failedEmbeddings = 0;
		} catch (error) {
			this.run.signal.throwIfAborted();
			work.failure = `It could not be embedded: ${messageOf(error)}`;
			if (++this.failedEmbeddings < hopelessEmbeddings) return;
			throw new IngestError(
				'embedder',
				`Embedding failed for ${this.failedEmbeddings} documents in a row, the last one with: ${messageOf(error)}. Check the embedding engine, then run again: what is stored stays, and the run goes on where it stopped.`,
				{ cause: error },
			);
		}
	}

	/** Takes back what a failed document left behind; an older version of it stays as it was. */
	private async abandon(work: Work): Promise<void> {
		if (!work.claimed) return;
		const { manifest } = this.run.index;
		const current = (await readRows(manifest, [work.source])).get(work.source);
		// Another run has taken the source over with the same content: its points are ours too.
		if (current && current.run !== this.run.id && current.generation === work.generation) return;
		// It may be the version that was complete before a run with another one died.
		if (work.previous?.complete?.generation !== work.generation) {
			await this.run.index.delete({ filter: { generation: work.generation } });
		}
		if (current?.run !== this.run.id) return;
		await this.restore(work);
	}

	/** Puts the manifest row back that was there before this run. */
	private async restore(work: Work): Promise<void> {
		const { manifest } = this.run.index;
		if (work.previous) await writeRows(manifest, new Map([[work.source, work.previous]]));
		else await manifest.delete([keyOf(work.source)]);
	}
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

function isMoved(error: unknown): boolean {
	return error instanceof IndexError && error.kind === 'fingerprintMismatch';
}

function moved(cause: unknown): IngestError {
	return new IngestError(
		'moved',
		'The index was migrated to another embedding model while this run was going. Set the new model and run again; what is not stored yet will be.',
		{ cause },
	);
}

function* pointsOf(pieces: readonly GroupPiece[]): Generator<Point, void, undefined> {
	for (const { work, piece, vector } of pieces) {
		const { metadata } = work.document;
		const document = { source: work.source, generation: work.generation, extracted: work.text };
		yield toPoint(piece, metadata === undefined ? document : { ...document, metadata }, vector ?? null);
	}
}
