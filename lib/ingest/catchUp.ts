import { IngestError } from './errors';

/** A pass that takes this part of the time that writers may wait is short enough to be the last one. */
const SHORT = 1 / 4;
/** Passes one after the other in which as much was stored as was copied: then there is no end of it. */
const HOPELESS = 2;
const MAX_PASSES = 50;
/** Short ones that are tried for one that finds nothing new: then nobody has to wait. */
const SHORT_PASSES = 5;

/**
 * Repeats passes over an index that others write to, until the next one is certain to be short: what is stored meanwhile then
 * waits for it.
 *
 * @param copy one pass; resolves to the number of documents that were new, changed or gone since the one before
 * @param maxWaitMs how long writers may wait for the last pass
 * @throws IngestError `migration` when documents are stored faster than they are copied
 */
export async function catchUp(copy: () => Promise<number>, maxWaitMs: number): Promise<void> {
	let before: { readonly documents: number; readonly ms: number } | undefined;
	let hopeless = 0;
	for (let pass = 1; pass <= MAX_PASSES; pass++) {
		const started = performance.now();
		const documents = await copy();
		const ms = performance.now() - started;
		const isShort = ms <= maxWaitMs * SHORT;
		if (documents === 0 || (isShort && pass >= SHORT_PASSES)) return;
		// What this pass found was stored while the one before went on.
		hopeless = before !== undefined && !isShort && ms >= before.ms ? hopeless + 1 : 0;
		if (before !== undefined && hopeless >= HOPELESS) throw tooSlow(documents, before.ms, ms);
		before = { documents, ms };
	}
	throw new IngestError(
		'migration',
		`After ${MAX_PASSES} passes there are still too many new documents. Pause the flows that store documents, then run Migrate again: it goes on where it stopped. Nothing was switched.`,
	);
}

function tooSlow(documents: number, storedMs: number, copiedMs: number): IngestError {
	const rate = (ms: number): string => {
		const perMinute = (documents / ms) * 60_000;
		return perMinute >= 10 ? Math.round(perMinute).toLocaleString('en') : perMinute.toFixed(1);
	};
	return new IngestError(
		'migration',
		`The new version does not catch up: ${rate(storedMs)} documents per minute are stored in the index, and ${rate(copiedMs)} per minute are copied to the new version with the new settings. Nothing was switched. Pause the flows that store documents, or use a faster embedding model or engine; then run Migrate again: it goes on where it stopped.`,
	);
}
