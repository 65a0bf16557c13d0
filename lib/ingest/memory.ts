import type { ChunkOptions } from '../chunking';
import { assertSameSpace, compareFingerprints, type Embedder, type Fingerprint } from '../embedding';
import type { VectorIndex } from '../vectorIndex';
import { isObject, stableJson, type CallContext, type JsonValue } from '../support';
import { ELSEWHERE_KEY, refuseElsewhere } from './elsewhere';
import { toJsonValue } from './fingerprints';
import type { ContextKind } from './types';

/** What an index remembers of its writers: the vectors of the probe texts at the first time, and how documents were cut last. */
export interface Remembered {
	readonly fingerprint: Fingerprint;
	readonly chunking?: ChunkOptions;
	readonly context?: ContextKind;
}

const SETTINGS_KEY = 'ingest:settings';

export async function recall(index: VectorIndex): Promise<Remembered | undefined> {
	return rememberedIn(await index.manifest.get([SETTINGS_KEY]));
}

function rememberedIn(rows: ReadonlyMap<string, JsonValue>): Remembered | undefined {
	const value = rows.get(SETTINGS_KEY);
	return isRemembered(value) ? value : undefined;
}

/**
 * Refuses an embedder other than the one an index was built with, also one of the same name whose vectors have moved:
 * the vectors of the probe texts are remembered at the first call and compared at each further one. To be called before
 * vectors are written. Resolves to the embedder's fingerprint.
 *
 * @param cut how documents are cut from now on, for a later migration
 * @throws EmbeddingError `drift`; IngestError `moved` where the index is written in another place now
 */
export async function assertIndexSpace(
	index: VectorIndex,
	embedder: Embedder,
	call: CallContext = {},
	cut: Pick<Remembered, 'chunking' | 'context'> = {},
): Promise<Fingerprint> {
	const { now, before, rows } = await compareSpace(index, embedder, call);
	refuseElsewhere(rows);
	const after = toJsonValue({ ...before, ...cut, fingerprint: before?.fingerprint ?? now });
	if (after !== undefined && !(before && stableJson(before) === stableJson(after)))
		await index.manifest.put(new Map([[SETTINGS_KEY, after]]));
	return now;
}

/** The comparison of `assertIndexSpace`; writes nothing. */
export async function compareSpace(
	index: VectorIndex,
	embedder: Embedder,
	call: CallContext = {},
): Promise<{
	readonly now: Fingerprint;
	readonly before: Remembered | undefined;
	/** Of the manifest, as they were read. */
	readonly rows: ReadonlyMap<string, JsonValue>;
}> {
	const [settings, now, rows] = await Promise.all([
		index.settings(),
		embedder.fingerprint(call),
		index.manifest.get([SETTINGS_KEY, ELSEWHERE_KEY]),
	]);
	const before = rememberedIn(rows);
	const { model, dimensions, fingerprint: id } = settings;
	assertSameSpace({ id, model, dimensions, probes: before?.fingerprint.probes }, now);
	return { now, before, rows };
}

/** Whether the embedder still gives the vectors an index was built with. */
export interface DriftReport {
	/** False when the index must not be written or asked with this embedder any more. */
	readonly same: boolean;
	/** Lowest cosine between a probe text's vector then and now; -1 when they cannot be compared. */
	readonly cosine: number;
	/** Nothing was written yet, or by another program: there are no vectors to compare with. */
	readonly unknown: boolean;
	readonly then?: Pick<Fingerprint, 'model' | 'dimensions'>;
	readonly now: Pick<Fingerprint, 'model' | 'dimensions'>;
}

/**
 * Embeds the probe texts again and compares them with their vectors when the index was first written. Meant for a schedule: an engine
 * that was updated, or that loads another file under the same name, shows here before answers go wrong.
 */
export async function checkDrift(
	index: VectorIndex,
	embedder: Embedder,
	call: CallContext = {},
): Promise<DriftReport> {
	const [remembered, now] = await Promise.all([
		recall(index),
		embedder.fingerprint({ ...call, fresh: true }),
	]);
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

/** Written by `assertIndexSpace` only; the check is against rows of other programs. */
function isRemembered(value: unknown): value is Remembered {
	if (!isObject(value)) return false;
	const { fingerprint } = value;
	return isObject(fingerprint) && 'id' in fingerprint && 'probes' in fingerprint;
}
