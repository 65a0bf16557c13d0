import type { ILoadOptionsFunctions, ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import { createExtractiveAnswerer, createSimilarityReranker } from '../../../lib/answering';
import { createAgreement } from '../../../lib/embedding';
import {
	EnginePool,
	passwordOf,
	withNames,
	type EngineAddress,
	type FoundEngine,
	type PoolOptions,
} from '../../../lib/engine';
import { partsOfHeader, sha256 } from '../../../lib/support';
import { builtinReader, builtinVectors } from './builtin';
import type { NodeContext } from './context';
import { egressOf } from './egress';
import { addressesOfFound, enginesOnThisMachine, partsOfModel } from './localEngines';
import { evaluate } from './expressions';
import { checkNesting } from './nesting';
import { chosenValue } from './values';

/** `find`: whichever engines answer on this machine. */
type Dialect = EngineAddress['dialect'] | 'find';

/** Where engines are asked for: executions (of root nodes and sub-nodes), drop-downs, and triggers. */
type EngineContext = NodeContext | ILoadOptionsFunctions | ITriggerFunctions | IWebhookFunctions;

interface EngineFields {
	readonly engineName?: string;
	readonly dialect: Dialect;
	readonly baseUrl: string;
	readonly apiKey?: string;
	readonly chatModel?: string;
	readonly embeddingModel?: string;
	readonly rerankModel?: string;
	/** Empty, or 0, for no limit; an expression may give it as text. */
	readonly maxConcurrency?: number | string;
	readonly remote?: boolean;
	readonly headers?: { readonly values?: ReadonlyArray<{ readonly name: string; readonly value: string }> };
}

/** The credential "Local Engine API" as its form stores it. */
export interface LocalEngineCredential extends EngineFields {
	readonly modelAliases?: {
		readonly values?: ReadonlyArray<{ readonly alias?: string; readonly models?: string }>;
	};
	readonly furtherEngines?: {
		readonly engines?: ReadonlyArray<EngineFields & { readonly sameTier?: boolean }>;
	};
}

type NamedAddress = EngineAddress & { readonly name: string };

/** The engines of a node, and the lists of models that a name may stand for. */
export interface EngineSetup {
	readonly addresses: readonly NamedAddress[];
	readonly fallbacks?: PoolOptions['fallbacks'];
}

/**
 * The engine of a credential and further ones, in tiers; `found` are those on this machine, where it asks for them.
 *
 * @throws EngineError `invalidRequest` for a base URL that is none, or two engines of one name
 */
export function setupOf(credential: LocalEngineCredential, found: readonly FoundEngine[] = []): EngineSetup {
	const first = addressOf(credential, 0);
	const engines = credential.dialect === 'find' ? addressesOfFound(found, first) : [first];
	let tier = Math.max(0, engines.length - 1);
	const further = (credential.furtherEngines?.engines ?? []).map((engine) => {
		if (!engine.sameTier) tier += 1;
		return addressOf(engine, tier);
	});
	return { addresses: withNames([...engines, ...further]), fallbacks: fallbacksOf(credential) };
}

function addressOf(engine: EngineFields, tier: number): EngineAddress {
	const headers = (engine.headers?.values ?? []).filter(({ name }) => name !== '');
	return {
		name: engine.engineName?.trim() || undefined,
		dialect: engine.dialect === 'find' ? 'auto' : engine.dialect,
		baseUrl: engine.baseUrl.trim(),
		apiKey: engine.apiKey || undefined,
		headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
		tier,
		maxConcurrency: Number(engine.maxConcurrency) || undefined,
		remote: engine.remote,
		models: {
			chat: engine.chatModel?.trim() || undefined,
			embedding: engine.embeddingModel?.trim() || undefined,
			rerank: engine.rerankModel?.trim() || undefined,
		},
	};
}

function fallbacksOf({ modelAliases }: LocalEngineCredential): PoolOptions['fallbacks'] {
	const lists = (modelAliases?.values ?? []).map(({ alias = '', models = '' }) => {
		const names = models.split(',').map((name) => name.trim());
		return [alias.trim(), names.filter((name) => name !== '')] as const;
	});
	return Object.fromEntries(lists.filter(([alias, names]) => alias !== '' && names.length > 0));
}

/**
 * One pool per credential and process, so that all executions share queues, breakers and caches. The oldest is forgotten
 * when there are more (a credential that was edited leaves its old pool behind), never closed: a call may be on its way, and
 * its idle connections end by themselves.
 */
const pools = new Map<string, EnginePool>();
const MAX_POOLS = 64;

function sharedPool(setup: EngineSetup, options: PoolOptions): EnginePool {
	const key = sha256(JSON.stringify(setup));
	const { addresses, fallbacks } = setup;
	const pool =
		pools.get(key) ??
		new EnginePool(addresses, {
			...options,
			fallbacks,
			builtin: builtinTier(),
			agreement: createAgreement(),
		});
	pools.delete(key);
	pools.set(key, pool);
	const [oldest] = pools.keys();
	if (pools.size > MAX_POOLS && oldest !== undefined) pools.delete(oldest);
	return pool;
}

/** Made with the first pool, so that loading the nodes loads none of it. */
const builtinTier = (): PoolOptions['builtin'] => ({
	answer: createExtractiveAnswerer(builtinReader),
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
	const stored = chosenValue(context.getNode().parameters.model);
	if (typeof stored === 'string' && stored.startsWith('=')) checkNesting(context, itemIndex);
	const value = chosenValue(evaluate('Model', () => context.getNodeParameter('model', itemIndex, '')));
	return typeof value === 'string' ? partsOfModel(value).baseUrl : undefined;
}

/** The node's engines; none without a credential and without a model that was found on this machine. */
async function setupFor(context: EngineContext, itemIndex: number): Promise<EngineSetup> {
	if (!hasEngineCredential(context)) {
		const baseUrl = engineOfModel(context, itemIndex);
		return { addresses: baseUrl === undefined ? [] : withNames([{ dialect: 'auto', baseUrl }]) };
	}
	const credential = await credentialOf(context, itemIndex);
	if (credential.dialect !== 'find') return setupOf(credential);
	return setupOf(credential, await enginesOnThisMachine(context));
}

const addressesFor = async (context: EngineContext, itemIndex: number): Promise<readonly NamedAddress[]> =>
	(await setupFor(context, itemIndex)).addresses;

/** The engines of the node with the built-in tier behind them; the built-in tier alone where it has none. */
export async function enginesFor(context: EngineContext, itemIndex = 0): Promise<EnginePool> {
	// Also an address that is asked without a credential needs n8n's leave.
	return sharedPool(await setupFor(context, itemIndex), egressOf(context));
}

/** What tells the engines of one item from those of another, without their keys. */
export async function engineKey(context: EngineContext, itemIndex = 0): Promise<string> {
	const setup = await setupFor(context, itemIndex);
	return setup.addresses.length === 0 ? '' : sha256(JSON.stringify(setup));
}

/** Names of the node's engines, in order; none where it has none. */
export async function engineNames(context: EngineContext, itemIndex = 0): Promise<string[]> {
	return (await addressesFor(context, itemIndex)).map(({ name }) => name);
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
		passwordOf(baseUrl),
	]);
	return [...new Set(secrets.filter((secret) => secret !== ''))];
}

async function credentialOf(context: EngineContext, itemIndex: number): Promise<LocalEngineCredential> {
	return (await context.getCredentials('localEngineApi', itemIndex)) as unknown as LocalEngineCredential;
}
