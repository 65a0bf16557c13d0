import { cosine, sha256 } from '../support';
import { EmbeddingError } from './errors';
import type { Fingerprint } from './types';

// Whether vectors come from one embedding model: asked of the engines of a pool (agreement.ts), of one engine from one
// ten minutes to the next (engineSpace.ts), and of an index and the embedder it is written with (lib/ingest).

/**
 * Texts whose vectors show whether a model is still the one it was: prose, a question, code and digits, letters beyond
 * ASCII. Changing one invalidates every stored fingerprint.
 */
export const PROBE_TEXTS: readonly string[] = [
	'The harbour master closed the port at noon because of the storm.',
	'How do I reset the password of a locked account?',
	'if (total > 1024) { throw new RangeError("limit exceeded"); } // 42.5 %',
	'Größere Änderungen am Zeitplan werden schriftlich mitgeteilt.',
];

/** Below this cosine a probe is of another model: F32, F16 and INT8 of one model stay above it (minilm-int8: 0.9993). */
export const SAME_MODEL_COSINE = 0.999;

/** Cosine of the two vectors of a probe that differ most; -1 where they cannot be compared, 1 without probes. */
export function lowestCosine(
	then: ReadonlyArray<ArrayLike<number>>,
	now: ReadonlyArray<ArrayLike<number>>,
): number {
	if (then.length !== now.length) return -1;
	return Math.min(
		1,
		...then.map((probe, i) => (probe.length === now[i]?.length ? cosine(probe, now[i]) : -1)),
	);
}

/** @param probes vectors of PROBE_TEXTS, embedded as documents. */
export function makeFingerprint(
	space: Pick<Fingerprint, 'model' | 'dimensions' | 'queryPrefix' | 'documentPrefix'>,
	probes: readonly Float32Array[],
): Fingerprint {
	const { model, dimensions, queryPrefix, documentPrefix } = space;
	return {
		model,
		dimensions,
		queryPrefix,
		documentPrefix,
		id: sha256(model, String(dimensions), queryPrefix, documentPrefix),
		probes: probes.map((vector) => Array.from(vector, (value) => Math.round(value * 1e4) / 1e4)),
	};
}

/** Whether two fingerprints are of one model, and the lowest cosine of their probes; -1 when they cannot be compared. */
export function compareFingerprints(
	then: Fingerprint,
	now: Fingerprint,
): { readonly same: boolean; readonly cosine: number } {
	const lowest = then.id === now.id ? lowestCosine(then.probes, now.probes) : -1;
	return { same: lowest >= SAME_MODEL_COSINE, cosine: lowest };
}

/**
 * Refuses vectors made now beside those made then.
 *
 * @param then a fingerprint without `probes` is compared by its `id` alone
 * @throws EmbeddingError `drift`
 */
export function assertSameSpace(
	then: Pick<Fingerprint, 'id' | 'model' | 'dimensions'> & Partial<Pick<Fingerprint, 'probes'>>,
	now: Fingerprint,
): void {
	const was = `"${then.model}" (${then.dimensions} dimensions)`;
	if (then.id !== now.id) {
		throw new EmbeddingError(
			'drift',
			`The vectors were made with the embedding model ${was}; the model set now is "${now.model}" (${now.dimensions} dimensions), or has other prefixes. Vectors of different models cannot be compared: choose the first model again, or migrate the index to the new one.`,
		);
	}
	const lowest = then.probes ? lowestCosine(then.probes, now.probes) : 1;
	if (lowest < SAME_MODEL_COSINE) {
		throw new EmbeddingError(
			'drift',
			`The model ${was} no longer gives the vectors it gave (cosine ${lowest.toFixed(4)} of a probe text). Vectors of different models cannot be compared: use the earlier model again, or migrate the index to the new one.`,
		);
	}
}
