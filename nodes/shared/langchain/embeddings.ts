import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { createEmbedder, type Embedder, type EmbeddedText, vectorsOf } from '../../../lib/embedding';
import type { CallContext } from '../../../lib/support';
import { InputError } from '../runtime/errors';

/** Texts handed to a connected sub-node at once. */
const BATCH = 64;

const own = Symbol.for('n8n-nodes-local-engine.embedder');

/** What an embeddings sub-node supplies; ours also says which model it is. */
export type SuppliedEmbeddings = EmbeddingsInterface & { readonly [own]?: Embedder };

/** An embedder as LangChain's `embedDocuments` and `embedQuery`. */
export function embeddingsOf(embedder: Embedder, call: CallContext = {}): SuppliedEmbeddings {
	return {
		[own]: embedder,
		embedDocuments: async (texts) =>
			(await vectorsOf(embedder, texts, call)).map((vector) => Array.from(vector)),
		embedQuery: async (text) => Array.from(await embedder.embedQuery(text, call)),
	};
}

/** The embedder behind embeddings of ours; undefined for those of other packages. */
export const embedderBehind = (embeddings: unknown): Embedder | undefined =>
	isEmbeddings(embeddings) ? embeddings[own] : undefined;

/**
 * Any embeddings sub-node as an embedder, so that an index can be filled and searched with it. Calls go through the
 * sub-node (its panel shows them); which model it is, ours says itself, and others by their `model` and probe texts.
 *
 * @throws InputError when what is connected has not LangChain's two methods
 */
export function embedderFrom(embeddings: unknown): Embedder {
	if (!isEmbeddings(embeddings)) {
		throw new InputError('What is connected as Embedding is not an embeddings node. Connect one that is.');
	}
	const identity = embedderBehind(embeddings) ?? stranger(embeddings);
	return {
		get model() {
			return identity.model;
		},
		get dimensions() {
			return identity.dimensions;
		},
		fingerprint: (call) => identity.fingerprint(call),
		embedQuery: async (text) => Float32Array.from(await embeddings.embedQuery(text)),
		embedDocuments: (texts, call) => inBatches(embeddings, texts, call),
		close: () => Promise.resolve(),
	};
}

async function* inBatches(
	embeddings: SuppliedEmbeddings,
	texts: AsyncIterable<string> | Iterable<string>,
	call: CallContext = {},
): AsyncGenerator<EmbeddedText> {
	let batch: string[] = [];
	let done = 0;
	const flush = async (): Promise<EmbeddedText[]> => {
		call.signal?.throwIfAborted();
		const vectors = await embeddings.embedDocuments(batch);
		if (vectors.length !== batch.length) {
			throw new InputError(
				`The connected embeddings node was to embed ${batch.length} texts and gave ${vectors.length} vectors.`,
			);
		}
		done += batch.length;
		call.onProgress?.({ done });
		batch = [];
		return vectors.map((vector) => ({ vector: Float32Array.from(vector) }));
	};
	for await (const text of texts) {
		batch.push(text);
		if (batch.length === BATCH) yield* await flush();
	}
	if (batch.length > 0) yield* await flush();
}

/** The fingerprint of embeddings that are not ours, by the same probe texts as an engine's. */
function stranger(embeddings: SuppliedEmbeddings): Embedder {
	const model = modelName(embeddings);
	const pool: Parameters<typeof createEmbedder>[0] = {
		model,
		queryPrefix: '',
		documentPrefix: '',
		normalize: false,
		pool: {
			embed: async (texts) => {
				const vectors = (await embeddings.embedDocuments([...texts])).map((vector) =>
					Float32Array.from(vector),
				);
				return {
					vectors,
					flags: vectors.map(() => undefined),
					model,
					engine: 'the connected embeddings node',
					dimensions: vectors[0]?.length ?? 0,
					usage: { promptTokens: 0 },
					attempts: [],
				};
			},
		},
	};
	return createEmbedder(pool);
}

function modelName(embeddings: object): string {
	for (const key of ['model', 'modelName', 'modelId']) {
		const value: unknown = Reflect.get(embeddings, key);
		if (typeof value === 'string' && value !== '') return value;
	}
	return embeddings.constructor.name;
}

const isEmbeddings = (value: unknown): value is SuppliedEmbeddings =>
	typeof value === 'object' &&
	value !== null &&
	'embedDocuments' in value &&
	typeof value.embedDocuments === 'function' &&
	'embedQuery' in value &&
	typeof value.embedQuery === 'function';
