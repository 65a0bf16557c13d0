import { mapInOrder, type CallContext } from '../support';
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

/** Questions that are embedded at once. */
const AT_ONCE = 8;

/**
 * The vectors of texts that are compared with one another, such as questions with questions. A model that tells questions and
 * documents apart by their prefixes compares texts of one kind best as questions (the card of the E5 models).
 */
export async function likenessVectorsOf(
	embedder: Pick<Embedder, 'embedDocuments' | 'embedQuery' | 'fingerprint'>,
	texts: Iterable<string>,
	call?: CallContext,
): Promise<Float32Array[]> {
	const { queryPrefix, documentPrefix } = await embedder.fingerprint(call);
	if (queryPrefix === documentPrefix) return await vectorsOf(embedder, texts, call);
	const vectors: Float32Array[] = [];
	const embed = (text: string, signal: AbortSignal): Promise<Float32Array> =>
		embedder.embedQuery(text, { signal });
	for await (const vector of mapInOrder(texts, AT_ONCE, embed, call?.signal)) vectors.push(vector);
	return vectors;
}
