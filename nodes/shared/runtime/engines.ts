import type { ILoadOptionsFunctions, ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import { createExtractiveAnswerer, createSimilarityReranker } from '../../../lib/answering';
import { createAgreement } from '../../../lib/embedding';
import { EnginePool, type EngineAddress, type FoundEngine, type PoolOptions } from '../../../lib/engine';
import { partsOfHeader, sha256 } from '../../../lib/support';
import { builtinVectors } from './builtin';
import type { NodeContext } from './context';
import { egressOf } from './egress';
import { addressesOfFound, enginesOnThisMachine, partsOfModel } from './localEngines';
import { chosenValue } from './values';

/** `find`: whichever engines answer on this machine. */
type Dialect = EngineAddress['dialect'] | 'find';

/** Where engines are asked for: executions (of root nodes and sub-nodes), drop-downs, and triggers. */
type EngineContext = NodeContext | ILoadOptionsFunctions | ITriggerFunctions | IWebhookFunctions;

interface EngineFields {
	readonly dialect: Dialect;
	readonly baseUrl: string;
	readonly apiKey?: string;
	readonly chatModel?: string;
	readonly embeddingModel?: string;
	readonly rerankModel?: string;
	readonly maxConcurrency?: number;
	readonly remote?: boolean;
}

/** The credential "Local Engine API" as its form stores it. */
export interface LocalEngineCredential extends EngineFields {
	readonly headers?: { readonly values?: ReadonlyArray<{ readonly name: string; readonly value: string }> };
	readonly furtherEngines?: {
		readonly engines?: ReadonlyArray<EngineFields & { readonly sameTier?: boolean }>;
	};
}

/** The engine of a credential and the engines behind it, in tiers; `found` are those on this machine, where it asks for them. */
export function addressesOf(
	credential: LocalEngineCredential,
	found: readonly FoundEngine[] = [],
): EngineAddress[] {
	const headers = Object.fromEntries(
		(credential.headers?.values ?? [])
			.filter(({ name }) => name !== '')
			.map(({ name, value }) => [name, value]),
	);
	const first = addressOf(credential, 0);
	const engines = credential.dialect === 'find' ? addressesOfFound(found, first) : [{ ...first, headers }];
	let tier = Math.max(0, engines.length - 1);
	const further = (credential.furtherEngines?.engines ?? []).map((engine) => {
		if (!engine.sameTier) tier += 1;
		return addressOf(engine, tier);
	});
	return [...engines, ...further];
}

function addressOf(engine: EngineFields, tier: number): EngineAddress {
	return {
		name: nameOf(engine.baseUrl),
		dialect: engine.dialect === 'find' ? 'auto' : engine.dialect,
		baseUrl: engine.baseUrl.trim(),
		apiKey: engine.apiKey || undefined,
		tier,
		maxConcurrency: engine.maxConcurrency || undefined,
		remote: engine.remote,
		models: {
			chat: engine.chatModel?.trim() || undefined,
			embedding: engine.embeddingModel?.trim() || undefined,
			rerank: engine.rerankModel?.trim() || undefined,
		},
	};
}

/** Host and port tell engines apart in attempts and drop-downs; a base URL that is none is refused by the pool. */
function nameOf(baseUrl: string): string | undefined {
	return URL.canParse(baseUrl.trim()) ? new URL(baseUrl.trim()).host : undefined;
}

/**
 * One pool per credential and process, so that all executions share queues, breakers and caches. The oldest goes when
 * there are more: a credential that was edited leaves its old pool behind.
 */
const pools = new Map<string, EnginePool>();
const MAX_POOLS = 64;
/** Pools that something long-lived holds, with the number of holders; they are not closed to make room. */
const held = new Map<EnginePool, number>();

function sharedPool(addresses: EngineAddress[], options: PoolOptions): EnginePool {
	const key = sha256(JSON.stringify(addresses));
	let pool = pools.get(key);
	if (pool) {
		pools.delete(key);
	} else {
		pool = new EnginePool(addresses, { ...options, builtin: builtinTier(), agreement: createAgreement() });
	}
	pools.set(key, pool);
	for (const [oldKey, old] of pools) {
		if (pools.size <= MAX_POOLS) break;
		if (held.has(old)) continue;
		pools.delete(oldKey);
		void old.close();
	}
	return pool;
}

/** Made with the first pool, so that loading the nodes loads none of it. */
const builtinTier = (): PoolOptions['builtin'] => ({
	answer: createExtractiveAnswerer(builtinVectors),
	embed: builtinVectors,
	embedModel: 'static-minilm-256',
	embedDimensions: 256,
	rerank: createSimilarityReranker(builtinVectors),
});

export const hasEngineCredential = (context: EngineContext): boolean =>
	context.getNode().credentials?.localEngineApi !== undefined;

/** Whether an engine serves the node: one of a credential, or one on this machine that its model was chosen from. */
export const hasEngine = (context: EngineContext, itemIndex = 0): boolean =>
	hasEngineCredential(context) || engineOfModel(context, itemIndex) !== undefined;

/** Address of the engine that the node's model was chosen from, where it was chosen without a credential. */
function engineOfModel(context: EngineContext, itemIndex: number): string | undefined {
	if (!('getInputData' in context)) return undefined;
	const value = chosenValue(context.getNodeParameter('model', itemIndex, ''));
	return typeof value === 'string' ? partsOfModel(value).baseUrl : undefined;
}

/** The node's engines; none without a credential and without a model that was found on this machine. */
async function addressesFor(context: EngineContext, itemIndex: number): Promise<EngineAddress[]> {
	if (!hasEngineCredential(context)) {
		const baseUrl = engineOfModel(context, itemIndex);
		return baseUrl === undefined ? [] : [{ name: nameOf(baseUrl), dialect: 'auto', baseUrl }];
	}
	const credential = await credentialOf(context, itemIndex);
	if (credential.dialect !== 'find') return addressesOf(credential);
	return addressesOf(credential, await enginesOnThisMachine(context));
}

/** The engines of the node with the built-in tier behind them; the built-in tier alone where it has none. */
export async function enginesFor(context: EngineContext, itemIndex = 0): Promise<EnginePool> {
	// Also an address that is asked without a credential needs n8n's leave.
	return sharedPool(await addressesFor(context, itemIndex), egressOf(context));
}

/** What tells the engines of one item from those of another, without their keys. */
export async function engineKey(context: EngineContext, itemIndex = 0): Promise<string> {
	const addresses = await addressesFor(context, itemIndex);
	return addresses.length === 0 ? '' : sha256(JSON.stringify(addresses));
}

/** The same engines for something that outlives an execution, such as a listening gateway; `release` when it ends. */
export async function holdEngines(
	context: EngineContext,
): Promise<{ readonly engines: EnginePool; readonly release: () => void }> {
	const engines = await enginesFor(context);
	held.set(engines, (held.get(engines) ?? 0) + 1);
	let released = false;
	return {
		engines,
		release: () => {
			if (released) return;
			released = true;
			const holders = (held.get(engines) ?? 1) - 1;
			if (holders === 0) held.delete(engines);
			else held.set(engines, holders);
		},
	};
}

/** Names of the node's engines, in order; none where it has none. */
export async function engineNames(context: EngineContext, itemIndex = 0): Promise<string[]> {
	return (await addressesFor(context, itemIndex)).map(({ name, baseUrl }) => name ?? baseUrl);
}

/** Items at once for an engine whose credential sets no maximum, as many as n8n's own chains take. */
const DEFAULT_PLACES = 5;

/** How many requests the engines of the node's credential take at once; one for the built-in tier, which has no machine of its own. */
export async function enginePlaces(context: EngineContext, itemIndex = 0): Promise<number> {
	const addresses = await addressesFor(context, itemIndex);
	if (addresses.length === 0) return 1;
	return addresses.reduce((sum, { maxConcurrency = DEFAULT_PLACES }) => sum + maxConcurrency, 0);
}

/** Keys and header values of the node's credential, so that they can be kept out of what is written down. */
export async function engineSecrets(context: EngineContext, itemIndex = 0): Promise<string[]> {
	const secrets = (await addressesFor(context, itemIndex)).flatMap(({ apiKey, headers, baseUrl }) => [
		apiKey ?? '',
		...Object.values(headers ?? {}).flatMap(partsOfHeader),
		URL.canParse(baseUrl) ? decodeURIComponent(new URL(baseUrl).password) : '',
	]);
	return [...new Set(secrets.filter((secret) => secret !== ''))];
}

async function credentialOf(context: EngineContext, itemIndex: number): Promise<LocalEngineCredential> {
	return (await context.getCredentials('localEngineApi', itemIndex)) as unknown as LocalEngineCredential;
}
