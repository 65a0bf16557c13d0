import { LoneWriter } from './alone';
import { abandon, claim } from './claim';
import type { Group } from './groups';
import type { Run } from './run';
import { settle } from './settle';
import { storePieces } from './store';
import type { DocumentOutcome } from './types';
import type { Work } from './work';

/**
 * Groups are settled together, because each settlement is a commit: at the latest after so many milliseconds (a run that
 * dies writes again what was not settled) and so many groups (their texts are in memory till then).
 */
const SETTLE_TOGETHER = { ms: 500, groups: 4 };

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
	private readonly alone: LoneWriter;
	private readonly claims = new WeakMap<Work['company'], Promise<void>>();

	constructor(private readonly run: Run) {
		this.alone = new LoneWriter(run);
	}

	/** Begins to claim the sources of each group, so that it is done by the time the group is embedded. */
	async *claiming(groups: AsyncIterable<Group>): AsyncGenerator<Group, void, undefined> {
		for await (const group of groups) {
			for (const { company } of group.opened) {
				if (this.claims.has(company)) continue;
				const claimed = claim(
					company.filter(({ usable }) => usable),
					this.run,
				);
				// Whoever stores a group gets the rejection; if nobody does, the run has failed already.
				claimed.catch(() => undefined);
				this.claims.set(company, claimed);
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
			if (waiting.length < SETTLE_TOGETHER.groups && performance.now() - settled < SETTLE_TOGETHER.ms)
				continue;
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
			await storePieces(
				pieces.splice(0).filter(({ work }) => work.usable),
				this.run,
			);
		} finally {
			stop();
		}
	}

	private async finish(groups: readonly Group[]): Promise<DocumentOutcome[]> {
		const closed = groups.flatMap((group) => group.closed);
		const usable = closed.filter((work) => work.usable);
		const unsettled = await settle(usable, this.run);
		if (usable.some((work) => work.failure === undefined && !unsettled.has(work)))
			this.alone.embeddingWorks();
		for (const work of closed) {
			if (work.failure === undefined && (work.alone || unsettled.has(work))) await this.alone.write(work);
		}
		for (const work of closed) if (work.failure !== undefined) await abandon(work, this.run);
		return [...groups.flatMap(({ outcomes }) => outcomes), ...closed.map((work) => work.outcome())];
	}
}
