import { setTimeout as sleep } from 'node:timers/promises';
import { textToEmbed } from '../chunking';
import {
	createVersion,
	KEYWORD_ANALYSIS,
	listVersions,
	openIndex,
	switchVersion,
	type IndexAddress,
	type IndexSettings,
	type StoredPoint,
	UnknownOutcomeError,
	type VectorIndex,
} from '../vectorIndex';
import { keyOfText, sha256, stableJson, type CallContext } from '../support';
import { assertHere } from './elsewhere';
import { IngestError } from './errors';
import { FENCE_MS, lowerFence, raiseFence } from './fence';
import { catchUp } from './catchUp';
import { hashSettings } from './fingerprints';
import {
	deleteGone,
	forgetSwitch,
	openBefore,
	rememberSwitch,
	storedSince,
	unfinishedSwitch,
} from './lateSwitch';
import { alone } from './lease';
import { readRows, scanRows } from './manifest';
import { recall } from './memory';
import { copySinglePoints } from './points';
import { Progress } from './progress';
import { removeUnsent } from './remove';
import { startRun } from './run';
import { hasSingleWriters } from './singleRows';
import { scoreNotice } from './scoreNotice';
import { storedDocuments } from './stored';
import { runStages } from './sync';
import type { MigrateOptions, MigrationReport, SyncReport } from './types';
import { missingDocuments, verifyVersion } from './verify';

/** Share of true neighbours and of probes the new version must find, unless the caller asks for another. */
const DEFAULT_MIN_RECALL = 0.9;
/** Times the fence is raised again because the last pass took too long. */
const MAX_SWITCHES = 5;
/** Milliseconds to wait for writers that had begun a group before the fence was up. */
const WRITERS_MS = 20_000;
/** Before a switch whose outcome is not known is asked for again. */
const UNKNOWN_MS = 1_000;

/**
 * Rebuilds an index under new settings (embedding model, chunking, context, index preset) beside the live one and
 * switches readers over in one step when it is complete: expand, verify, contract.
 *
 * Documents come from the index itself, so no file is needed again. Everybody reads and writes the live version
 * meanwhile; what is written is carried over by further passes until none finds anything new. For the last one
 * writers wait (at most a minute), so that nothing is lost; readers never do. The old version stays for `rollBack` until it is dropped
 * with `dropIndex({ ...address, version })`. Killed at any point it goes on when called again with the same target.
 *
 * @throws IngestError `migration` when documents cannot be stored under the new settings, or the new version does not
 *   add up or finds too little: the live version is then as it was.
 *
 * @example await migrate({ backend: 'embedded', directory, name: 'handbook' }, { embedder: newModel, chunking: { method: 'markdown', size: 800 } });
 */
export async function migrate(
	address: IndexAddress,
	options: MigrateOptions,
	call: CallContext = {},
): Promise<MigrationReport> {
	const leaving = new AbortController();
	const signal = call.signal ? AbortSignal.any([call.signal, leaving.signal]) : leaving.signal;
	const started = performance.now();
	try {
		const target = await describeTarget(address, options, signal);
		const { live, liveVersion } = await openLive(address);
		await assertHere(live.manifest);
		const settings = await live.settings();
		if (settings.notes?.migration === target.id) {
			const at = await unfinishedSwitch(live.manifest);
			const before = at === undefined ? undefined : await openBefore(address, settings.notes.migratedFrom);
			const finished = { version: liveVersion, passes: 0, embedded: 0, totalMs: 0 };
			if (at === undefined || !before) return { state: 'unchanged', ...finished };
			const migration = new Migration(before, live, options, call, signal);
			await alone(address.name, live.manifest, signal, () => migration.finish(at));
			const { embedded } = migration;
			return { ...finished, state: 'switched', embedded, totalMs: performance.now() - started };
		}
		return await alone(address.name, live.manifest, signal, async (signal) => {
			if ((await openLive(address)).liveVersion !== liveVersion)
				throw new IngestError(
					'migration',
					`The index "${address.name}" was switched to another version meanwhile. Nothing was switched; run Migrate again.`,
				);
			const { next, version } = await openNext(address, target, liveVersion, settings.model);
			const migration = new Migration(live, next, options, call, signal);
			await catchUp(() => migration.copy(), options.maxWaitMs ?? FENCE_MS);
			const verification = await migration.verify();
			await migration.switchOver(async () => {
				// Asked for before, and done meanwhile.
				if ((await openLive(address)).liveVersion === version) return;
				await switchVersion({ ...address, version }, { ifLive: liveVersion });
			});
			return {
				...{ state: 'switched', version, previous: liveVersion, verification },
				...(settings.model !== target.settings.model && {
					notice: scoreNotice(settings.model, target.settings.model),
				}),
				...{ passes: migration.passes, embedded: migration.embedded },
				totalMs: performance.now() - started,
			};
		});
	} finally {
		leaving.abort(new Error('The migration has ended'));
	}
}

/**
 * Points readers back to the version an index was migrated from. What was stored since the switch is not in it: sync
 * those documents again.
 * @throws IngestError `migration` when there is no other version left
 */
export async function rollBack(address: IndexAddress): Promise<{ readonly version: string }> {
	const { live } = await openLive(address);
	const from = (await live.settings()).notes?.migratedFrom;
	const versions = await listVersions(address);
	const version = versions.find((each) => each.version === from && !each.partial)?.version;
	if (version === undefined) {
		throw new IngestError(
			'migration',
			`There is no earlier version of the index "${address.name}" to go back to.`,
		);
	}
	await switchVersion({ ...address, version });
	return { version };
}

interface Target {
	/** The same for the same settings, so that a migration that died is found again. */
	readonly id: string;
	readonly settings: IndexSettings;
}

async function describeTarget(
	address: IndexAddress,
	{ embedder, chunking, context = 'headings', settings }: MigrateOptions,
	signal: AbortSignal,
): Promise<Target> {
	const { model, dimensions, id: fingerprint } = await embedder.fingerprint({ signal });
	const { live } = await openLive(address);
	const before = await live.settings();
	const cut = chunking ?? (await recall(live))?.chunking;
	if (!cut)
		throw new IngestError(
			'migration',
			'The index does not know how its documents were cut. Give the chunking options.',
		);
	// How much vectors count in hybrid search is a property of the model.
	const kept = before.model === model ? before : { ...before, vectorWeight: undefined };
	const wanted: IndexSettings = {
		...kept,
		...settings,
		...{ model, dimensions, fingerprint, keywordAnalysis: KEYWORD_ANALYSIS },
	};
	const comparable = { ...wanted, notes: undefined };
	return {
		id: sha256(hashSettings(cut, context, fingerprint), stableJson(comparable)).slice(0, 32),
		settings: wanted,
	};
}

async function openLive(address: IndexAddress): Promise<{ live: VectorIndex; liveVersion: string }> {
	const versions = await listVersions(address);
	const liveVersion = versions.find(({ live }) => live)?.version;
	if (liveVersion === undefined)
		throw new IngestError('migration', `The index "${address.name}" has no live version.`);
	// Opened by its version: after the switch it must not become the new one.
	return { live: await openIndex({ ...address, version: liveVersion }), liveVersion };
}

/** The version this migration is building, from an earlier attempt or new. */
async function openNext(
	address: IndexAddress,
	{ id, settings }: Target,
	liveVersion: string,
	modelBefore: string,
): Promise<{ next: VectorIndex; version: string }> {
	const belongs = {
		migration: id,
		migratedFrom: liveVersion,
		// Info says by it that scores are not what they were.
		...(settings.model !== modelBefore && { modelBefore }),
	};
	const find = async (): Promise<string | undefined> =>
		(await listVersions(address)).find(
			({ settings: { notes }, partial }) =>
				!partial && notes?.migration === id && notes.migratedFrom === liveVersion,
		)?.version;
	if ((await find()) === undefined) {
		await createVersion(address, { ...settings, notes: { ...settings.notes, ...belongs } });
	}
	// Two migrations at once find the same, older one.
	const version = await find();
	if (version === undefined)
		throw new IngestError('migration', 'The new version of the index vanished while it was made.');
	return { next: await openIndex({ ...address, version }), version };
}

class Migration {
	passes = 0;
	embedded = 0;

	constructor(
		private readonly live: VectorIndex,
		private readonly next: VectorIndex,
		private readonly options: MigrateOptions,
		private readonly call: CallContext,
		private readonly signal: AbortSignal,
	) {}

	async verify(): Promise<NonNullable<MigrationReport['verification']>> {
		const { embedder, probes, minRecall = DEFAULT_MIN_RECALL } = this.options;
		return verifyVersion(this.next, embedder, { ...(probes ? { probes } : {}), minRecall });
	}

	async switchOver(switchVersions: () => Promise<void>): Promise<void> {
		const fenceMs = this.options.maxWaitMs ?? FENCE_MS;
		for (let attempt = 0; attempt < MAX_SWITCHES; attempt++) {
			const { until } = await raiseFence(this.live.manifest, fenceMs);
			await this.waitForWriters();
			await this.copy();
			// Past that point a writer may have gone on: once more, with less to copy.
			if (Date.now() > until - fenceMs / 4) continue;
			// Deleting does not wait for the fence: what was deleted meanwhile is seen by one more pass.
			if ((await missingDocuments(this.live, this.next)) !== 0) continue;
			await rememberSwitch(this.next.manifest);
			await this.switchSurely(switchVersions, until - fenceMs / 4);
			await lowerFence(this.live.manifest);
			// An upsert that was under way went to the old version.
			await this.copyLateUpserts();
			await forgetSwitch(this.next.manifest);
			return;
		}
		await lowerFence(this.live.manifest);
		throw new IngestError(
			'migration',
			'The live version keeps changing faster than it can be copied. Pause the flows that write to it and run the migration again.',
		);
	}

	/** Where a cluster does not say what became of the switch, it is asked for again as long as writers wait: twice is the same as once. */
	private async switchSurely(switchVersions: () => Promise<void>, until: number): Promise<void> {
		for (;;) {
			try {
				await switchVersions();
				return;
			} catch (thrown) {
				if (!(thrown instanceof UnknownOutcomeError) || Date.now() > until) throw thrown;
				await sleep(UNKNOWN_MS, undefined, { signal: this.signal });
			}
		}
	}

	/** What was left to do of a switch that was made after its migration had ended: writers had gone on in the old version. */
	async finish(at: string): Promise<void> {
		const late = await storedSince(this.live, this.next, at);
		await this.copyDocuments('add', (source) => late.has(source));
		await deleteGone(this.live, this.next, at);
		await this.copyLateUpserts();
		await forgetSwitch(this.next.manifest);
	}

	/** One pass: documents that are new, changed or gone since the last one. Resolves to their number. */
	async copy(): Promise<number> {
		this.passes++;
		const documents = await this.copyDocuments('mirror');
		return documents + (await copySinglePoints(this.live, this.next, this.options.embedder, this.signal));
	}

	/** Resolves to the number of documents that were new, changed or gone. */
	private async copyDocuments(
		mode: 'add' | 'mirror',
		isWanted: (source: string) => boolean = () => true,
	): Promise<number> {
		const { embedder, chunking, context, complete } = this.options;
		const cut = chunking ?? (await recall(this.live))?.chunking;
		if (!cut)
			throw new IngestError(
				'migration',
				'The index does not know how its documents were cut. Give the chunking options.',
			);
		const syncOptions = {
			index: this.next,
			embedder,
			chunking: cut,
			mode,
			maxRemoved: 1,
			...(context ? { context } : {}),
			complete,
		} as const;
		const { sources: total } = await this.live.info();
		const run = await startRun(syncOptions, this.signal, new Progress(this.call.onProgress, total));
		const sameVectors = (await this.live.settings()).fingerprint === run.fingerprint;
		const vanished = new Map<string, string>();
		const keepVectors = (rows: readonly StoredPoint[]) => {
			// Cut differently but embedded by the same model: chunks that stay as they are keep their vectors.
			if (!sameVectors) return;
			for (const { context: before, text, vector } of rows) {
				if (vector) run.vectors.set(keyOfText(textToEmbed(text, before)), vector);
			}
		};
		const documents = storedDocuments(this.live, this.signal, keepVectors, (source, generation) =>
			vanished.set(source, generation),
		);
		const wanted = filtered(documents, ({ source }) => isWanted(source));
		const report = await finish(runStages(noteSeen(wanted, run.seen), run));
		this.embedded += report.embedded;
		let removed = report.removed;
		// An empty listing is no mistake here: the live version has no documents.
		if (mode === 'mirror' && run.seen.size === 0) removed += (await collect(removeUnsent(run))).length;
		const replaced = await this.replacedMeanwhile(vanished);
		const failure = report.failed.find(({ source }) => !replaced.has(source));
		if (failure && vanished.has(failure.source)) {
			throw new IngestError(
				'migration',
				`The document "${failure.source}" has no rows in the index: they were deleted by another program, or at the moment in which it was stored. Store it again with Sync Documents, or delete it, then run Migrate again: it goes on where it stopped. Nothing was switched.`,
			);
		}
		if (failure) {
			throw new IngestError(
				'migration',
				`${report.failures} documents cannot be stored under the new settings, the first is "${failure.source}": ${failure.reason ?? ''} Nothing was switched.`,
			);
		}
		return report.added + report.changed + removed + replaced.size;
	}

	/** Of the documents that had no rows any more, those that a writer has replaced or removed: the next pass sees to them. */
	private async replacedMeanwhile(vanished: ReadonlyMap<string, string>): Promise<Set<string>> {
		const now = await readRows(this.live.manifest, [...vanished.keys()]);
		const replaced = [...vanished].filter(([source, generation]) => {
			const row = now.get(source);
			// A writer that has claimed it names the version that was complete when it looked; another one may have replaced that since.
			return row?.state !== 'ready' || row.generation !== generation;
		});
		return new Set(replaced.map(([source]) => source));
	}

	private async copyLateUpserts(): Promise<void> {
		// Additions only: the new version is the one that counts now.
		const { embedder } = this.options;
		await copySinglePoints(this.live, this.next, embedder, this.signal, { additionsOnly: true });
	}

	/** Writers that claimed documents before the fence was up finish them; those that died never will. */
	private async waitForWriters(): Promise<void> {
		const deadline = Date.now() + WRITERS_MS;
		while (Date.now() < deadline && (await this.hasWriters())) {
			await sleep(500, undefined, { signal: this.signal });
		}
	}

	private async hasWriters(): Promise<boolean> {
		for await (const { row } of scanRows(this.live.manifest)) if (row.state === 'indexing') return true;
		return await hasSingleWriters(this.live.manifest);
	}
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
}

async function* filtered<T>(
	items: AsyncIterable<T>,
	isWanted: (item: T) => boolean,
): AsyncGenerator<T, void, undefined> {
	for await (const item of items) if (isWanted(item)) yield item;
}

async function* noteSeen<T extends { readonly source: string }>(
	documents: AsyncIterable<T>,
	seen: { add(source: string): boolean },
): AsyncGenerator<T, void, undefined> {
	for await (const document of documents) {
		seen.add(document.source);
		yield document;
	}
}

async function finish(outcomes: AsyncGenerator<unknown, SyncReport>): Promise<SyncReport> {
	for (;;) {
		const result = await outcomes.next();
		if (result.done === true) return result.value;
	}
}
