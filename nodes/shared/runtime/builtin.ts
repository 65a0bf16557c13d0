import { builtinEmbedder, type BuiltinTier, type Embedder, vectorsOf } from '../../../lib/embedding';

/** One of each tier a process: the accurate one owns a worker process that ends by itself when idle. */
const builtinTiers = new Map<BuiltinTier, Embedder>();

export function builtinOf(tier: BuiltinTier): Embedder {
	let embedder = builtinTiers.get(tier);
	if (!embedder) {
		embedder = builtinEmbedder({ tier, processes: encoderProcesses() });
		builtinTiers.set(tier, embedder);
	}
	return embedder;
}

/** Vectors of the built-in static model, for the parts of an engine pool that need no engine. */
export async function builtinVectors(
	texts: readonly string[],
	call?: { readonly signal?: AbortSignal },
): Promise<Float32Array[]> {
	return await vectorsOf(builtinOf('fast'), texts, call);
}

/**
 * Processes of the accurate tier, each a core and some 400 MB: what the operator of this n8n allows in
 * LOCAL_ENGINE_ENCODER_PROCESSES (1–16), else one.
 */
function encoderProcesses(): number {
	const allowed = Number(process.env.LOCAL_ENGINE_ENCODER_PROCESSES ?? 1);
	return Number.isInteger(allowed) && allowed >= 1 && allowed <= 16 ? allowed : 1;
}
