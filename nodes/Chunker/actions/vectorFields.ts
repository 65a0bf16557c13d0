import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { type Chunk, embedLate } from '../../../lib/chunking';
import type { CallContext } from '../../../lib/support';
import { embedderFor } from '../../shared/runtime/embedders';
import { embeddingField } from '../../shared/fields/embeddingField';
import { InputError } from '../../shared/runtime/errors';

export const vectorFields: readonly INodeProperties[] = [
	{
		displayName: 'Vectors',
		name: 'vectors',
		type: 'options',
		default: 'none',
		description:
			'Whether each chunk comes with its vector, for Vector Index → Create or Update with a vector field',
		options: [
			{
				name: 'Late Chunking',
				value: 'late',
				description:
					'The document is read as a whole and each chunk’s vector knows its surroundings; with Built-In, Accurate or an engine that gives token vectors (llama.cpp, vLLM, TEI)',
			},
			{ name: 'None', value: 'none', description: 'The index embeds each chunk by itself' },
		],
	},
	{ ...embeddingField, displayOptions: { show: { vectors: ['late'] } } },
];

export interface VectorOfChunk {
	readonly vector: Float32Array;
	readonly flags?: Chunk['flags'];
	/** Why the ordinary embedding had to serve. */
	readonly reason?: string;
}

/** Late vectors of the chunks, in order; undefined when the node is not set to make any. */
export async function lateVectorsOf(
	context: IExecuteFunctions,
	itemIndex: number,
	text: string,
	chunks: readonly Chunk[],
	call: CallContext,
): Promise<{ readonly model: string; readonly vectors: VectorOfChunk[] } | undefined> {
	if (context.getNodeParameter('vectors', itemIndex, 'none') !== 'late') return undefined;
	const embedder = await embedderFor(
		context,
		context.getNodeParameter('embedding', itemIndex) as string,
		itemIndex,
	);
	if (!embedder.tokenVectors) {
		throw new InputError(
			'This embedding model gives no token vectors, which late chunking needs. Choose Built-In, Accurate, or an engine that does (llama.cpp with --pooling none, vLLM, TEI).',
		);
	}
	const vectors: VectorOfChunk[] = [];
	const services = {
		...call,
		tokenVectors: embedder.tokenVectors.bind(embedder),
		embed: async (texts: readonly string[]) => {
			const embedded: Float32Array[] = [];
			for await (const { vector } of embedder.embedDocuments(texts, call)) embedded.push(vector);
			return embedded;
		},
		countTokens: embedder.countTokens?.bind(embedder),
	};
	for await (const { chunk, vector, reason } of embedLate(text, chunks, services)) {
		vectors.push({ vector, flags: chunk.flags, reason });
	}
	return { model: embedder.model, vectors };
}
