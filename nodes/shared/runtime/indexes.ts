import os from 'node:os';
import path from 'node:path';
import type { ILoadOptionsFunctions } from 'n8n-workflow';
import type { Embedder } from '../../../lib/embedding';
import {
	createIndex,
	type IndexAddress,
	IndexError,
	listIndexes,
	openIndex,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import type { NodeContext } from './context';
import { embedderFor, embedderOfIndex } from './embedders';
import { describeType, valueAt } from './values';
import { InputError } from './errors';

type Store =
	| { readonly backend: 'embedded'; readonly directory: string }
	| { readonly backend: 'qdrant'; readonly url: string; readonly apiKey?: string };

/** Embedded indexes live beside n8n's own database, so that they are backed up and mounted with it. */
export function embeddedDirectory(): string {
	const home = process.env.N8N_USER_FOLDER ?? os.homedir();
	return path.join(home, '.n8n', 'local-engine', 'indexes');
}

async function storeOf(context: NodeContext | ILoadOptionsFunctions, itemIndex: number): Promise<Store> {
	// Of the two kinds of context only the editor's has getCurrentNodeParameter; both agree on what it returns.
	const backend =
		'getCurrentNodeParameter' in context
			? context.getCurrentNodeParameter('backend')
			: context.getNodeParameter('backend', itemIndex);
	if (backend !== 'qdrant') return { backend: 'embedded', directory: embeddedDirectory() };
	const { qdrantUrl, apiKey } = await context.getCredentials<{ qdrantUrl: string; apiKey?: string }>(
		'qdrantApi',
		itemIndex,
	);
	return { backend: 'qdrant', url: qdrantUrl, apiKey: apiKey || undefined };
}

export async function listIndexNames(
	context: NodeContext | ILoadOptionsFunctions,
	itemIndex = 0,
): Promise<string[]> {
	return await listIndexes(await storeOf(context, itemIndex));
}

/** The index of the node's field, or the one the item names; `named` tells which. */
async function addressOf(
	context: NodeContext,
	itemIndex: number,
): Promise<{ readonly address: IndexAddress; readonly named: boolean }> {
	const store = await storeOf(context, itemIndex);
	const field = context.getNodeParameter('options.indexNameField', itemIndex, '') as string;
	const requested = field === '' ? undefined : valueAt(context.getInputData()[itemIndex]?.json ?? {}, field);
	if (requested !== undefined && requested !== null && typeof requested !== 'string') {
		throw new InputError(`The index name in "${field}" should be text, but is ${describeType(requested)}.`);
	}
	const name =
		requested ?? (context.getNodeParameter('index', itemIndex, '', { extractValue: true }) as string);
	return { address: { ...store, name: name.trim() }, named: typeof requested === 'string' };
}

/** Where the index of the node's field is (whether it exists or not). */
export async function addressFor(context: NodeContext, itemIndex: number): Promise<IndexAddress> {
	return (await addressOf(context, itemIndex)).address;
}

/** Opens the index an operation works on. @throws IndexError `notFound`, `invalidName` */
export async function openIndexFor(context: NodeContext, itemIndex: number): Promise<VectorIndex> {
	return await openIndex(await addressFor(context, itemIndex));
}

/**
 * Opens the index, or creates it with the chosen embedding model when it does not exist yet. An index that the item
 * itself names is never created: a caller of a webhook may choose among indexes, not make new ones.
 */
export async function openOrCreateIndexFor(
	context: NodeContext,
	itemIndex: number,
): Promise<{ readonly index: VectorIndex; readonly embedder: Embedder; readonly address: IndexAddress }> {
	const { address, named } = await addressOf(context, itemIndex);
	const existing = named ? await openIndex(address) : await openIfThere(address);
	if (existing) {
		const { model } = await existing.settings();
		return { index: existing, embedder: await embedderOfIndex(context, model, itemIndex), address };
	}
	const embedder = await embedderFor(
		context,
		context.getNodeParameter('embedding', itemIndex) as string,
		itemIndex,
	);
	const { model, dimensions, id } = await embedder.fingerprint({
		signal: context.getExecutionCancelSignal(),
	});
	// Another execution may have been faster: then its index is opened, if it was made with the same model.
	const index = await createIndex(address, { model, dimensions, fingerprint: id }, { ifExists: 'open' });
	return { index, embedder, address };
}

async function openIfThere(address: IndexAddress): Promise<VectorIndex | undefined> {
	return await openIndex(address).catch((error: unknown) => {
		if (error instanceof IndexError && error.kind === 'notFound') return undefined;
		throw error;
	});
}
