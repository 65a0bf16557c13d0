import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../support';
import type { ManifestStore } from '../vectorIndex';
import { assertHere, ELSEWHERE_KEY } from './elsewhere';

/**
 * While a migration switches versions, writers wait: a row in the live version's manifest says so and until when, so
 * that a migration that died holds nobody up for longer.
 */
const FENCE_KEY = 'migration:switching';
/** Milliseconds: a last pass over the manifest and the switch take a fraction of it. */
export const FENCE_MS = 60_000;
const POLL_MS = 250;

/** @param ms after which writers go on, whatever became of the migration */
export async function raiseFence(
	manifest: ManifestStore,
	ms = FENCE_MS,
): Promise<{ readonly until: number }> {
	const until = Date.now() + ms;
	await manifest.put(new Map([[FENCE_KEY, { until }]]));
	return { until };
}

export async function lowerFence(manifest: ManifestStore): Promise<void> {
	await manifest.delete([FENCE_KEY]);
}

/** Whether nothing may be written now; {@link waitForFence} says until when, or that it was moved away for good. */
export async function isFenced(manifest: ManifestStore): Promise<boolean> {
	const found = await manifest.get([FENCE_KEY, ELSEWHERE_KEY]);
	const value = found.get(FENCE_KEY);
	const isSwitching = isObject(value) && typeof value.until === 'number' && Date.now() < value.until;
	return isSwitching || found.has(ELSEWHERE_KEY);
}

/**
 * Resolves when writing may go on; the manifest may then be that of another version.
 * @throws IngestError `moved` where the index was moved to another place
 */
export async function waitForFence(manifest: ManifestStore, signal?: AbortSignal): Promise<void> {
	while (await isFenced(manifest)) {
		await assertHere(manifest);
		await sleep(POLL_MS, undefined, signal && { signal });
	}
}
