import { availableParallelism, totalmem } from 'node:os';
import { builtinEmbedder, type BuiltinTier, type Embedder, vectorsOf } from '../../../lib/embedding';

let fast: Embedder | undefined;

/** @param cacheScope whose vectors are remembered, nobody's without it; all scopes share the processes of the accurate tier */
export const builtinOf = (tier: BuiltinTier, cacheScope?: string): Embedder =>
	tier === 'fast'
		? (fast ??= builtinEmbedder({ tier }))
		: builtinEmbedder({ tier, processes: encoderProcesses(), cacheScope });

/** Vectors of the built-in static model, for the parts of an engine pool that need no engine. */
export async function builtinVectors(
	texts: readonly string[],
	call?: { readonly signal?: AbortSignal },
): Promise<Float32Array[]> {
	return await vectorsOf(builtinOf('fast'), texts, call);
}

/** Processes that are started unless the operator of this n8n says otherwise. */
const MOST_PROCESSES = 4;
/** Memory of the machine for each process: one takes 200 MB while it works, and n8n and the system need theirs. */
const MEMORY_PER_PROCESS = 2 * 2 ** 30;

/**
 * Processes of an encoder, each a core and some 200 MB: what the operator of this n8n allows in LOCAL_ENGINE_ENCODER_PROCESSES
 * (1–16), else all cores that n8n may use, up to four, and as many as the memory is enough for.
 */
function encoderProcesses(): number {
	const allowed = Number(process.env.LOCAL_ENGINE_ENCODER_PROCESSES);
	if (Number.isInteger(allowed) && allowed >= 1 && allowed <= 16) return allowed;
	const memory = process.constrainedMemory() || totalmem();
	const fitting = Math.floor(Math.min(memory, totalmem()) / MEMORY_PER_PROCESS);
	return Math.max(1, Math.min(availableParallelism(), MOST_PROCESSES, fitting));
}

/** The multilingual model, which reads what is quoted from. It remembers nothing: time would tell others what was asked. */
export const builtinReader = (): Embedder => builtinOf('multilingual');
