import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../support';
import type { ManifestStore } from '../vectorIndex';

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

export async function isFenced(manifest: ManifestStore): Promise<boolean> {
	const value = (await manifest.get([FENCE_KEY])).get(FENCE_KEY);
	return isObject(value) && typeof value.until === 'number' && Date.now() < value.until;
}

/** Resolves when writing may go on; the manifest may then be that of another version. */
export async function waitForFence(manifest: ManifestStore, signal: AbortSignal): Promise<void> {
	while (await isFenced(manifest)) await sleep(POLL_MS, undefined, { signal });
}
