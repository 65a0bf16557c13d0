import type { ChunkOptions } from '../chunking';
import { assertSameSpace, compareFingerprints, type Embedder, type Fingerprint } from '../embedding';
import type { VectorIndex } from '../index';
import type { CallContext } from '../support';
import { canonicalJson, toJsonValue } from './fingerprints';
import type { ContextKind } from './types';

/** What an index remembers of its syncs: the vectors of the probe texts then, and how documents were cut last. */
export interface Remembered {
	readonly fingerprint: Fingerprint;
	readonly chunking?: ChunkOptions;
	readonly context?: ContextKind;
}

const key = 'ingest:settings';

export async function recall(index: VectorIndex): Promise<Remembered | undefined> {
	const value = (await index.manifest.get([key])).get(key);
	return isRemembered(value) ? value : undefined;
}

/** Refuses vectors that have moved since the first sync, and remembers what has changed. */
export async function rememberSettings(
	index: VectorIndex,
	settings: {
		readonly fingerprint: Fingerprint;
		readonly chunking: ChunkOptions;
		readonly context: ContextKind;
	},
): Promise<void> {
	const before = await recall(index);
	if (before) assertSameSpace(before.fingerprint, settings.fingerprint);
	const after = toJsonValue({ ...settings, fingerprint: before?.fingerprint ?? settings.fingerprint });
	if (after === undefined || (before && canonicalJson(before) === canonicalJson(after))) return;
	await index.manifest.put(new Map([[key, after]]));
}

/** Whether the embedder still gives the vectors an index was built with. */
export interface DriftReport {
	/** False when the index must not be written or asked with this embedder any more. */
	readonly same: boolean;
	/** Lowest cosine between a probe text's vector then and now; -1 when they cannot be compared. */
	readonly cosine: number;
	/** No sync has remembered any vectors yet: there is nothing to compare with. */
	readonly unknown: boolean;
	readonly then?: Pick<Fingerprint, 'model' | 'dimensions'>;
	readonly now: Pick<Fingerprint, 'model' | 'dimensions'>;
}

/**
 * Embeds the probe texts again and compares them with their vectors at the first sync. Meant for a schedule: an engine
 * that was updated, or that loads another file under the same name, shows here before answers go wrong.
 */
export async function checkDrift(
	index: VectorIndex,
	embedder: Embedder,
	call: CallContext = {},
): Promise<DriftReport> {
	const [remembered, now] = await Promise.all([recall(index), embedder.fingerprint(call)]);
	if (!remembered) {
		const settings = await index.settings();
		return { same: settings.fingerprint === now.id, cosine: -1, unknown: true, now: nameOf(now) };
	}
	const then = remembered.fingerprint;
	return { ...compareFingerprints(then, now), unknown: false, then: nameOf(then), now: nameOf(now) };
}

function nameOf({ model, dimensions }: Fingerprint): Pick<Fingerprint, 'model' | 'dimensions'> {
	return { model, dimensions };
}

/** Written by `rememberSettings` only; the check is against rows of other programs. */
function isRemembered(value: unknown): value is Remembered {
	if (typeof value !== 'object' || value === null || !('fingerprint' in value)) return false;
	const { fingerprint } = value;
	return (
		typeof fingerprint === 'object' && fingerprint !== null && 'id' in fingerprint && 'probes' in fingerprint
	);
}
