import type { INodeProperties } from 'n8n-workflow';
import { builtinTierOf, createEmbedder, type Embedder } from '../../../lib/embedding';
import type { EnginePool } from '../../../lib/engine';
import { builtinOf } from './builtin';
import type { NodeContext } from './context';
import { enginesFor, hasEngineCredential } from './engines';
import { InputError } from './fields';

export const embeddingField: INodeProperties = {
	displayName: 'Embedding Model',
	name: 'embedding',
	type: 'options',
	default: 'builtinAccurate',
	description: 'What turns text into vectors',
	options: [
		{
			name: 'Built-In, Accurate',
			value: 'builtinAccurate',
			description:
				'Best answers with nothing to install; English. Some 36 chunks of 400 characters a second on one core (10,000 chunks take 5 minutes), about 400 MB of memory while it works.',
		},
		{
			name: 'Built-In, Fast',
			value: 'builtinFast',
			description:
				'Thousands of chunks a second in a few MB; English. Finds less by meaning, so keep keyword search beside it.',
		},
		{
			name: 'From the Engine',
			value: 'engine',
			description: 'The embedding model of the engine in the credential, on whatever hardware it has',
		},
	],
};

/** For a vector store: the index may also be filled by whatever embeddings node is connected. */
export const connectedEmbedding = {
	name: 'From the Connected Node',
	value: 'connected',
	description: 'An embeddings sub-node connected as Embedding, of n8n or any package',
} as const;

/** One for each pool: its cache and its fingerprint serve all executions. */
const engineEmbedders = new WeakMap<EnginePool, Embedder>();

function engineEmbedder(pool: EnginePool): Embedder {
	let embedder = engineEmbedders.get(pool);
	if (!embedder) {
		embedder = createEmbedder({ pool });
		engineEmbedders.set(pool, embedder);
	}
	return embedder;
}

/** The embedder a node is set to. */
export async function embedderFor(
	context: NodeContext,
	choice: string,
	itemIndex: number,
): Promise<Embedder> {
	if (choice === 'builtinFast') return builtinOf('fast');
	if (choice === 'builtinAccurate') return builtinOf('accurate');
	if (choice !== 'engine') {
		throw new InputError(`There is no embedding model "${choice}". Choose one from the list.`);
	}
	if (!hasEngineCredential(context)) {
		throw new InputError(
			'Embeddings from an engine need a credential. Choose a Local Engine API credential in this node, or a built-in embedding model.',
		);
	}
	return engineEmbedder(await enginesFor(context, itemIndex));
}

/** The embedder an existing index was built with: never another, or its vectors could not be compared. */
export async function embedderOfIndex(
	context: NodeContext,
	model: string,
	itemIndex: number,
): Promise<Embedder> {
	const tier = builtinTierOf(model);
	return tier ? builtinOf(tier) : await embedderFor(context, 'engine', itemIndex);
}
