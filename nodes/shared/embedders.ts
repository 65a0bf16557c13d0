import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { builtinEmbedder, createEmbedder, type Embedder } from '../../lib/embedding';
import { enginesFor, hasEngineCredential } from './engines';
import { InputError } from './fields';

export const embeddingField: INodeProperties = {
	displayName: 'Embedding Model',
	name: 'embedding',
	type: 'options',
	default: 'builtinFast',
	description: 'What turns text into vectors',
	options: [
		{
			name: 'Built-In, Fast',
			value: 'builtinFast',
			description:
				'Thousands of chunks a second, nothing to install; English; best with keyword search beside it',
		},
		{
			name: 'From the Engine',
			value: 'engine',
			description: 'The embedding model of the engine in the credential',
		},
	],
};

/** Vectors of the built-in static model, for the parts of an engine pool that need no engine. */
export async function builtinVectors(
	texts: readonly string[],
	call?: { readonly signal?: AbortSignal },
): Promise<Float32Array[]> {
	const vectors: Float32Array[] = [];
	for await (const { vector } of builtinEmbedder({ tier: 'fast' }).embedDocuments(texts, call))
		vectors.push(vector);
	return vectors;
}

/** The embedder a node is set to. */
export async function embedderFor(
	context: IExecuteFunctions,
	choice: string,
	itemIndex: number,
): Promise<Embedder> {
	if (choice === 'builtinFast') return builtinEmbedder({ tier: 'fast' });
	if (choice !== 'engine')
		throw new InputError(`There is no embedding model "${choice}". Choose one from the list.`);
	if (!hasEngineCredential(context)) {
		throw new InputError(
			'Embeddings from an engine need a credential. Choose a Local Engine API credential in this node, or a built-in embedding model.',
		);
	}
	return createEmbedder({ pool: await enginesFor(context, itemIndex) });
}

/** The embedder an existing index was built with: never another, or its vectors could not be compared. */
export async function embedderOfIndex(
	context: IExecuteFunctions,
	model: string,
	itemIndex: number,
): Promise<Embedder> {
	return await embedderFor(context, model === 'static-minilm-256' ? 'builtinFast' : 'engine', itemIndex);
}
