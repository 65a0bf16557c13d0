import type { CallContext } from '../support';
import type { Embedder } from './types';

/** The vectors of texts as documents, in their order. For texts that are in memory anyway: the vectors are held too. */
export async function vectorsOf(
	embedder: Pick<Embedder, 'embedDocuments'>,
	texts: Iterable<string>,
	call?: CallContext,
): Promise<Float32Array[]> {
	const vectors: Float32Array[] = [];
	for await (const { vector } of embedder.embedDocuments(texts, call)) vectors.push(vector);
	return vectors;
}
