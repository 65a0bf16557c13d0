import { builtinTierOf, type BuiltinTier, createEmbedder, type Embedder } from '../../../lib/embedding';
import { builtinOf } from './builtin';
import { cacheScopeOf } from './cacheScope';
import type { NodeContext } from './context';
import { engineKey, enginesFor, hasEngine } from './engines';
import { InputError } from './errors';
import type { NodeItem } from './nodeItem';

/** The built-in models by the value of the field *Embedding Model*. */
const BUILTIN_TIERS: ReadonlyMap<string, BuiltinTier> = new Map([
	['builtinMultilingual', 'multilingual'],
	['builtinEnglish', 'english'],
	['builtinFast', 'fast'],
]);

/** The embedder a node is set to. */
export async function embedderFor(
	context: NodeContext,
	choice: string,
	itemIndex: number,
): Promise<Embedder> {
	const tier = BUILTIN_TIERS.get(choice);
	if (tier) return builtinOf(tier, await cacheScopeOf(context, itemIndex));
	if (choice !== 'engine') {
		throw new InputError(`There is no embedding model "${choice}". Choose one from the list.`);
	}
	if (!hasEngine(context, itemIndex)) {
		throw new InputError(
			'Embeddings from an engine need a credential. Choose a Local Engine API credential in this node, or a built-in embedding model.',
		);
	}
	// Embedders of one pool and scope share cache and fingerprint.
	const pool = await enginesFor(context, itemIndex);
	return createEmbedder({ pool, cacheScope: await cacheScopeOf(context, itemIndex) });
}

/** The embedder an existing index was built with: never another, or its vectors could not be compared. */
export async function embedderOfIndex(
	context: NodeContext,
	model: string,
	itemIndex: number,
): Promise<Embedder> {
	const tier = builtinTierOf(model);
	if (tier === undefined) return await embedderFor(context, 'engine', itemIndex);
	return builtinOf(tier, await cacheScopeOf(context, itemIndex));
}

/** Which embedding model an item wants: plain data, so that items with the same one can be grouped. */
export async function embeddingTargetOf(
	item: NodeItem,
): Promise<{ readonly choice: string; readonly engines?: string }> {
	const choice = item.choice('embedding');
	if (choice !== 'engine') return { choice };
	return { choice, engines: await engineKey(item.context, item.index) };
}
