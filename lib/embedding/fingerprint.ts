import { cosine, sha256 } from '../support';
import { EmbeddingError } from './errors';
import type { Fingerprint } from './types';

/**
 * Texts whose vectors show whether a model is still the one it was: prose, a question, code and digits, another
 * script. Changing one invalidates every stored fingerprint.
 */
export const PROBE_TEXTS: readonly string[] = [
	'The harbour master closed the port at noon because of the storm.',
	'How do I reset the password of a locked account?',
	'if (total > 1024) { throw new RangeError("limit exceeded"); } // 42.5 %',
	'Größere Änderungen am Zeitplan werden schriftlich mitgeteilt.',
];

/** Below this cosine a probe has moved: quantization of one and the same model stays above it (minilm-int8: 0.9993). */
export const DRIFT_COSINE = 0.999;

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

/** The lowest cosine of the probes' vectors then and now; -1 when they cannot be compared. */
export function compareFingerprints(
	then: Fingerprint,
	now: Fingerprint,
): { readonly same: boolean; readonly cosine: number } {
	const comparable = then.id === now.id && then.probes.length === now.probes.length;
	const lowest = comparable
		? Math.min(...then.probes.map((probe, i) => cosine(probe, now.probes[i] ?? [])))
		: -1;
	return { same: lowest >= DRIFT_COSINE, cosine: lowest };
}

/** Throws `drift` when vectors made now do not belong with those made then. */
export function assertSameSpace(then: Fingerprint, now: Fingerprint): void {
	const { same, cosine: lowest } = compareFingerprints(then, now);
	if (same) return;
	const was = `"${then.model}" (${then.dimensions} dimensions)`;
	const what =
		then.id === now.id
			? `the model ${was} no longer gives the vectors it gave (cosine ${lowest.toFixed(4)} of a probe text)`
			: `the vectors are of ${was}, the model set now is "${now.model}" (${now.dimensions} dimensions) or has other prefixes`;
	throw new EmbeddingError(
		'drift',
		`Vectors of two models cannot be mixed: ${what}. Use the earlier model again, or rebuild the index with the new one.`,
	);
}
