import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtinTierOf } from '../../../lib/embedding';
import { BackgroundVectors, IngestError, vectorState } from '../../../lib/ingest';
import { RunningJob } from '../../../lib/reports';
import { type CallContext, messageOf } from '../../../lib/support';
import type { IndexAddress, VectorIndex } from '../../../lib/vectorIndex';
import { builtinOf } from './builtin';
import { dataDirectory } from './dataDirectory';
import { noticeMachine } from './machines';

/** How often an index that is used is asked whether vectors are missing. */
const LOOK_MS = 60_000;

let background: BackgroundVectors | undefined;
const looked = new Map<string, number>();

/** What this n8n computes while nobody waits: one worker for all its processes. */
function worker(): BackgroundVectors {
	background ??= new BackgroundVectors({
		folder: dataDirectory(),
		embedderOf(model, cacheScope) {
			const tier = builtinTierOf(model);
			return tier && builtinOf(tier, cacheScope);
		},
		startJob(address) {
			const folder = folderOf(address);
			if (folder === undefined) return undefined;
			const job = new RunningJob(
				folder,
				{ task: 'Vectors in the Background', subject: address.name, unit: 'passages', node: 'Vector Index' },
				warn,
			);
			return { onProgress: (advance) => job.advance(advance), end: async (error) => await job.end(error) };
		},
		onError: warn,
	});
	return background;
}

/** The folder in which people see the work; none for a space's index on a server, whose name others must not learn. */
function folderOf(address: IndexAddress): string | undefined {
	if (address.backend === 'embedded') return path.dirname(address.directory);
	return address.space === undefined ? dataDirectory() : undefined;
}

function warn(thrown: unknown): void {
	process.emitWarning(`Vectors could not be computed in the background: ${messageOf(thrown)}`);
}

/** An index has rows that were stored before their vectors. */
export async function computeVectorsLater(address: IndexAddress): Promise<void> {
	await worker().add(address);
}

/** How often somebody who waits for the vectors looks whether they are there. */
const POLL_MS = 500;

/**
 * Resolves when no row of the index waits for its vector any more. The work is that of the worker, in whichever process it is,
 * so that nothing is computed twice; a caller that stops waiting does not stop it.
 *
 * @throws IngestError `embedder` when it cannot go on
 */
export async function vectorsFinished(
	address: IndexAddress,
	index: VectorIndex,
	{ signal, onProgress }: CallContext,
): Promise<{ readonly filled: number }> {
	const begun = Date.now();
	const { pending: total } = await vectorState(index);
	if (total === 0) return { filled: 0 };
	await computeVectorsLater(address);
	for (;;) {
		const { pending, failure } = await vectorState(index);
		onProgress?.({ done: Math.max(0, total - pending), total });
		if (pending === 0) return { filled: total };
		if (failure && Date.parse(failure.at) >= begun)
			throw new IngestError(
				'embedder',
				`The vectors of the index "${address.name}" could not be computed: ${failure.reason} ${pending} passages still wait for theirs. Run it again when the cause is removed.`,
			);
		await sleep(POLL_MS, undefined, { signal });
	}
}

let isResumed = false;

/** Called by whatever a node of the pack does first: goes on with what a process left that has ended. */
export function resumeVectors(): void {
	if (isResumed) return;
	isResumed = true;
	worker().resume().catch(warn);
}

/** An index is used: where vectors are missing and nobody computes them, this process goes on with it. */
export function noticeIndex(address: IndexAddress, index: VectorIndex): void {
	if (address.backend === 'embedded') noticeMachine();
	const key = JSON.stringify([
		...(address.backend === 'embedded' ? [address.directory] : [address.url, address.space ?? '']),
		address.name,
	]);
	const now = performance.now();
	if (now - (looked.get(key) ?? -Infinity) < LOOK_MS) return;
	// Names of many indexes are no reason to grow.
	if (looked.size > 1_000) looked.clear();
	looked.set(key, now);
	index.pending
		.coverage()
		.then(async ({ pending }) => {
			if (pending > 0) await computeVectorsLater(address);
		})
		.catch(warn);
}
