import { isFenced, waitForFence } from './fence';
import { generationsOf, keyOf, readRows, writeRows, type ManifestRow } from './manifest';
import type { Run } from './run';
import { TORN, type Work } from './work';

/**
 * Claims the sources of documents for this run, before the first of their points is written: the manifest rows say
 * `indexing`. Waits while a migration switches versions.
 */
export async function claim(works: readonly Work[], run: Run): Promise<void> {
	if (works.length === 0) return;
	const { manifest } = run.index;
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
			const done = row?.state === 'ready' && row.generation === work.generation && !work.torn;
			if (!work.claimed && done) {
				work.doneElsewhere = true;
			} else claims.set(work.source, rowOf(work, run, row));
		}
		await writeRows(manifest, claims);
		// Looked at after the claim: a migration that raises its fence now will see the claim.
		if (!(await isFenced(manifest))) {
			const claimed = works.filter(({ doneElsewhere }) => !doneElsewhere);
			for (const work of claimed) work.claimed = true;
			await findOverlooked(claimed, claims, run);
			return;
		}
		for (const work of works) if (!work.doneElsewhere) await restore(work, run);
		await waitForFence(manifest, run.signal);
	}
}

/**
 * Another run may have stored and settled one of the documents between the moment in which its row was read and the one in which it
 * was claimed: the claim has replaced a row that it does not know of. Its rows are dropped with what this run replaces.
 */
async function findOverlooked(
	works: readonly Work[],
	claims: ReadonlyMap<string, ManifestRow>,
	{ index, signal }: Run,
): Promise<void> {
	const sources = [...claims.keys()];
	if (sources.length === 0) return;
	const known = new Set([...claims.values()].flatMap(generationsOf));
	const found = await index.tally('generation', { source: { in: sources } });
	const unknown = [...found.keys()].filter((generation) => !known.has(generation));
	if (unknown.length === 0) return;
	const bySource = new Map(works.map((work) => [work.source, work]));
	for await (const { source, generation } of index.scan({ generation: { in: unknown } }, { signal })) {
		const work = bySource.get(source);
		if (work && generation !== undefined && !work.unknown.includes(generation)) work.unknown.push(generation);
	}
}

/** Warnings of a document that are kept. */
const MAX_WARNINGS = 20;

/**
 * The row that claims a source for this run or, with the number of its chunks, makes it ready. It remembers every
 * generation that may have points.
 */
export function rowOf(work: Work, run: Run, before: ManifestRow | undefined, chunks?: number): ManifestRow {
	const { document, generation, settingsHash } = work;
	const complete =
		before?.state === 'ready' ? { generation: before.generation, chunks: before.chunks } : before?.complete;
	return {
		state: chunks === undefined ? 'indexing' : 'ready',
		...{ settingsHash, generation, contentHash: document.contentHash, metadataHash: document.metadataHash },
		chunks: chunks ?? 0,
		stale: [...new Set([...(before ? generationsOf(before) : []), ...work.unknown])].filter(
			(other) => other !== generation,
		),
		...(complete && chunks === undefined ? { complete } : {}),
		...(document.title === undefined ? {} : { title: document.title }),
		...(document.metadata === undefined ? {} : { metadata: document.metadata }),
		...(document.partOf === undefined ? {} : { partOf: document.partOf }),
		...storedFacts(work, before, chunks !== undefined),
		run: run.id,
	};
}

/** When the version that can be found was stored, and what was said of it. */
function storedFacts(
	work: Work,
	before: ManifestRow | undefined,
	isReady: boolean,
): Pick<ManifestRow, 'storedAt' | 'warnings'> {
	if (isReady) {
		// That it had to be stored again is about the run, not the document.
		const warnings = work.warnings.filter((warning) => warning !== TORN);
		return {
			storedAt: new Date().toISOString(),
			...(warnings.length > 0 ? { warnings: warnings.slice(0, MAX_WARNINGS) } : {}),
		};
	}
	return {
		...(before?.storedAt === undefined ? {} : { storedAt: before.storedAt }),
		...(before?.warnings === undefined ? {} : { warnings: before.warnings }),
	};
}

/** Takes back what a failed document left behind; an older version of it stays as it was. */
export async function abandon(work: Work, run: Run): Promise<void> {
	if (!work.claimed) return;
	const { manifest } = run.index;
	const current = (await readRows(manifest, [work.source])).get(work.source);
	// Another run has taken the source over with the same content: its points are ours too.
	if (current && current.run !== run.id && current.generation === work.generation) return;
	// It may be the version that was complete before a run with another one died.
	if (!work.torn && work.previous?.complete?.generation !== work.generation) {
		await run.index.delete({ filter: { generation: work.generation } });
	}
	if (current?.run !== run.id) return;
	await restore(work, run);
}

/** Puts the manifest row back that was there before this run. */
async function restore(work: Work, run: Run): Promise<void> {
	const { manifest } = run.index;
	if (work.previous) await writeRows(manifest, new Map([[work.source, work.previous]]));
	else await manifest.delete([keyOf(work.source)]);
}
