import { existsSync } from 'node:fs';
import { detectEngine } from './detect';
import { DIALECTS } from './dialects';
import { EngineError } from './errors';
import { DEADLINES } from './routing/deadlines';
import { Transport } from './transport/transport';
import type { Detection, FoundEngine, LocalEngines } from './types/operations';
import type { PoolOptions } from './types/pool';

/** Where engines listen when nobody tells them otherwise: Ollama, LM Studio, llama.cpp and LocalAI, vLLM, SGLang. */
const USUAL_PORTS = [11_434, 1234, 8080, 8000, 30_000];
/** Names the addresses to ask in place of the usual ones, separated by commas. */
const ADDRESSES_VARIABLE = 'LOCAL_ENGINE_ADDRESSES';

/** Files that Docker and Podman put into a container. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** Name of an engine's program, as people write it. */
export const programOf = (dialect: FoundEngine['dialect']): string =>
	dialect === 'auto' || dialect === 'builtin' ? 'An engine' : DIALECTS[dialect].label;

export interface FindOptions extends Pick<PoolOptions, 'checkUrl' | 'lookup'> {
	readonly signal?: AbortSignal;
	/** Addresses to ask. Default: the usual ones, or what LOCAL_ENGINE_ADDRESSES names. */
	readonly addresses?: readonly string[];
}

/**
 * Asks the usual addresses on this machine which engine answers there, all at once, within about two seconds. Only to be
 * called when somebody asks for it: a program that scans ports by itself is a nuisance.
 *
 * @returns the engines that answered, in the order of the addresses, and the addresses that `checkUrl` refused.
 * @example
 * const { found } = await findLocalEngines();
 * // [{ baseUrl: 'http://127.0.0.1:11434', dialect: 'ollama', models: ['qwen3:8b'], needsKey: false }]
 */
export async function findLocalEngines(options: FindOptions = {}): Promise<LocalEngines> {
	const addresses = options.addresses ?? usualAddresses();
	const answers = await Promise.all(addresses.map(async (baseUrl) => await askAddress(baseUrl, options)));
	return {
		asked: addresses,
		found: answers.filter((answer): answer is FoundEngine => typeof answer === 'object'),
		refused: addresses.filter((_, at) => answers[at] === 'refused'),
	};
}

/** The engine at an address; undefined where none answers; `refused` where the egress filter does not allow to ask. */
async function askAddress(
	baseUrl: string,
	{ checkUrl, lookup, signal }: FindOptions,
): Promise<FoundEngine | 'refused' | undefined> {
	try {
		await checkUrl?.(new URL(baseUrl));
	} catch {
		return 'refused';
	}
	try {
		const { dialect, version, models } = await detectAt({ baseUrl, checkUrl, lookup }, signal);
		return { baseUrl, dialect, version, models, needsKey: false };
	} catch (error) {
		signal?.throwIfAborted();
		if (error instanceof EngineError && error.kind === 'unauthorized')
			return { baseUrl, dialect: 'auto', models: [], needsKey: true };
		// Nobody there, or a program that is no engine: nothing to offer.
		if (error instanceof EngineError) return undefined;
		throw error;
	}
}

/** What kind of engine answers at an address; see detect.ts. */
export async function detectAt(
	address: {
		readonly baseUrl: string;
		readonly apiKey?: string;
		readonly headers?: { readonly [name: string]: string };
	} & Pick<PoolOptions, 'checkUrl' | 'lookup'>,
	signal?: AbortSignal,
): Promise<Detection> {
	const transport = new Transport({ ...address, connectMs: DEADLINES.connectMs });
	try {
		return await detectEngine(
			transport,
			{
				engine: new URL(transport.origin).host,
				baseUrl: transport.origin,
				redact: (text) => transport.redact(text),
			},
			signal,
		);
	} finally {
		await transport.close();
	}
}

/** On this machine; in a container also on the machine around it. */
function usualAddresses(): string[] {
	const named = (process.env[ADDRESSES_VARIABLE] ?? '').split(',').map((address) => address.trim());
	if (named.some((address) => address !== '')) return named.filter((address) => URL.canParse(address));
	const hosts = CONTAINER_MARKS.some((file) => existsSync(file))
		? ['127.0.0.1', 'host.docker.internal']
		: ['127.0.0.1'];
	return hosts.flatMap((host) => USUAL_PORTS.map((port) => `http://${host}:${port}`));
}
