import { type Chunk, embedLate } from '../../../lib/chunking';
import { vectorsOf } from '../../../lib/embedding';
import type { CallContext } from '../../../lib/support';
import { embedderFor } from '../../shared/runtime/embedders';
import { InputError } from '../../shared/runtime/errors';
import type { NodeItem } from '../../shared/runtime/nodeItem';

export interface VectorOfChunk {
	readonly vector: Float32Array;
	readonly flags?: Chunk['flags'];
	/** Why the ordinary embedding had to serve. */
	readonly reason?: string;
}

/** Late vectors of the chunks, in order; undefined when the node is not set to make any. */
export async function lateVectorsOf(
	item: NodeItem,
	text: string,
	chunks: readonly Chunk[],
	call: CallContext,
): Promise<{ readonly model: string; readonly vectors: VectorOfChunk[] } | undefined> {
	if (item.choice('vectors') !== 'late') return undefined;
	const embedder = await embedderFor(item.context, item.choice('embedding'), item.index);
	if (!embedder.tokenVectors) {
		throw new InputError(
			'This embedding model gives no token vectors, which late chunking needs. Choose Built-In, Multilingual or Built-In, English, or an engine that does (llama.cpp with --pooling none, vLLM, TEI).',
		);
	}
	const vectors: VectorOfChunk[] = [];
	const services = {
		...call,
		tokenVectors: embedder.tokenVectors.bind(embedder),
		embed: async (texts: readonly string[]) => await vectorsOf(embedder, texts, call),
		countTokens: embedder.countTokens?.bind(embedder),
	};
	for await (const { chunk, vector, reason } of embedLate(text, chunks, services)) {
		vectors.push({ vector, flags: chunk.flags, reason });
	}
	return { model: embedder.model, vectors };
}
