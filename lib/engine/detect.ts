import { asArray, asObject, asString, isObject, parseJson, type UnknownObject } from '../support';
import { DIALECTS } from './dialects';
import { EngineError } from './errors';
import type { Transport } from './transport/transport';
import type { Dialect } from './types/address';
import type { Detection } from './types/operations';
import type { Asked } from './wire/advice';
import { failureOfAnswer, failureOfTransport, kindOf, wordsOf } from './wire/failure';
import type { Json } from './wire/json';

/** Everything is asked at once; whoever has not answered by then is not waited for. */
const DETECT_MS = 2_000;
/** Less than that, so that a machine that is switched off is told as one. */
const CONNECT_MS = 1_500;
/** For the names of its models, when finding out what it is took nearly all of that. */
const NAMES_MS = 300;
/** Tells the version of engines that do not say it where they are recognised. */
const VERSION_PATH = '/version';

interface Seen {
	readonly status: number;
	readonly json: Json | undefined;
	readonly text: string;
	readonly header: (name: string) => string | undefined;
}

interface Probe {
	readonly dialect: Exclude<Dialect, 'builtin'>;
	readonly path: string;
	/** What gave it away, or undefined when the answer is not this engine's. */
	readonly recognise: (seen: Seen) => string | undefined;
	readonly version?: (seen: Seen) => string | undefined;
}

const ok = (seen: Seen): UnknownObject | undefined => (seen.status === 200 ? asObject(seen.json) : undefined);
const models = (seen: Seen): UnknownObject[] => asArray(asObject(seen.json)?.data).filter(isObject);
const ownedBy = (seen: Seen, owner: string): boolean => models(seen).some((row) => row.owned_by === owner);

/**
 * In the order they decide: an engine built on another one (NIM and SGLang answer vLLM's routes too, LocalAI Ollama's)
 * comes before it. Keyed on the shape of the answer, never on the port.
 */
const PROBES: readonly Probe[] = [
	{
		dialect: 'freellmapi',
		path: '/v1/models',
		recognise: (seen) =>
			ownedBy(seen, 'freellmapi') || seen.header('x-routed-via') !== undefined
				? 'models owned by freellmapi'
				: undefined,
	},
	{
		dialect: 'localai',
		path: '/.well-known/localai.json',
		recognise: (seen) =>
			ok(seen)?.version !== undefined || ok(seen)?.endpoints !== undefined
				? '/.well-known/localai.json'
				: undefined,
		version: (seen) => asString(ok(seen)?.version),
	},
	{
		dialect: 'lmstudio',
		path: '/api/v1/models',
		recognise: (seen) =>
			// A fresh one holds no models yet.
			Array.isArray(ok(seen)?.models) &&
			asArray(ok(seen)?.models).every(
				(row) => isObject(row) && typeof row.key === 'string' && Array.isArray(row.loaded_instances),
			)
				? '/api/v1/models with keys and loaded instances'
				: undefined,
	},
	{
		dialect: 'llamacpp',
		path: '/props',
		recognise: (seen) => {
			const props = ok(seen);
			if (props?.default_generation_settings !== undefined && props.total_slots !== undefined)
				return '/props with total_slots';
			if (props?.role === 'router' && props.max_instances !== undefined) return '/props of a router';
			return seen.header('server') === 'llama.cpp' ? 'header Server: llama.cpp' : undefined;
		},
		version: (seen) => asString(ok(seen)?.build_info),
	},
	{
		dialect: 'tei',
		path: '/info',
		recognise: (seen) =>
			ok(seen)?.max_client_batch_size !== undefined && ok(seen)?.model_type !== undefined
				? '/info with max_client_batch_size'
				: undefined,
		version: (seen) => asString(ok(seen)?.version),
	},
	{
		dialect: 'nim',
		path: '/v1/metadata',
		recognise: (seen) =>
			ok(seen)?.modelInfo !== undefined ||
			ok(seen)?.assetInfo !== undefined ||
			ok(seen)?.repository_override !== undefined
				? '/v1/metadata'
				: undefined,
		version: (seen) => asString(ok(seen)?.version),
	},
	...(['/server_info', '/get_server_info'] as const).map(
		(path): Probe => ({
			dialect: 'sglang',
			path,
			recognise: (seen) =>
				ok(seen)?.model_path !== undefined || ok(seen)?.internal_states !== undefined ? path : undefined,
			version: (seen) => asString(ok(seen)?.version),
		}),
	),
	{
		// It answers Ollama's /api/version too, with "0", and starts other engines behind OpenAI's protocol.
		dialect: 'openai',
		path: '/v1/models',
		recognise: (seen) => (ownedBy(seen, 'llama-swap') ? 'models owned by llama-swap' : undefined),
	},
	{
		dialect: 'ollama',
		path: '/api/version',
		recognise: (seen) => (typeof ok(seen)?.version === 'string' ? '/api/version' : undefined),
		version: (seen) => asString(ok(seen)?.version),
	},
	{
		dialect: 'vllm',
		path: '/v1/models',
		recognise: (seen) => (ownedBy(seen, 'vllm') ? 'models owned by vllm' : undefined),
	},
	{
		dialect: 'vllm',
		path: '/metrics',
		recognise: (seen) => (seen.status === 200 && /^vllm:/m.test(seen.text) ? 'vllm: in /metrics' : undefined),
	},
	{
		dialect: 'tensorrt',
		path: '/v1/models',
		recognise: (seen) =>
			models(seen).some((row) => /tensorrt|trtllm|trt-llm/i.test(asString(row.owned_by) ?? ''))
				? 'models owned by tensorrt_llm'
				: undefined,
	},
	{
		dialect: 'tensorrt',
		path: '/metrics',
		recognise: (seen) =>
			seen.status === 200 &&
			(/^trtllm[:_]/m.test(seen.text) ||
				(Array.isArray(seen.json) &&
					seen.json.some((row) => isObject(row) && row.inflightBatchingStats !== undefined)))
				? 'iteration statistics in /metrics'
				: undefined,
	},
	{
		dialect: 'openai',
		path: '/v1/models',
		recognise: (seen) =>
			seen.status === 200 && Array.isArray(asObject(seen.json)?.data)
				? 'a list of models at /v1/models'
				: undefined,
	},
];

interface Found {
	readonly probe: Probe;
	readonly answer: Seen;
	readonly evidence: string;
}

/**
 * Finds out what kind of engine answers at an address. All routes are asked at once; it is decided as soon as no answer that
 * is still to come could change it, so that one route that hangs does not hold up the rest.
 *
 * @throws EngineError `unreachable` (nobody there), `unauthorized` (a key is needed to tell), `badAnswer` (no known engine).
 */
export async function detectEngine(
	transport: Transport,
	asked: Asked,
	signal?: AbortSignal,
): Promise<Detection> {
	const started = performance.now();
	const endAt = started + DETECT_MS;
	const seen = new Map<string, Seen>();
	const failures: unknown[] = [];
	const decided = new AbortController();
	const ended = signal === undefined ? decided.signal : AbortSignal.any([signal, decided.signal]);
	const open = new Set([...PROBES.map(({ path }) => path), VERSION_PATH]);
	let found: Found | undefined;
	await new Promise<void>((resolve) => {
		for (const path of open) {
			void get(transport, path, endAt, ended)
				.then(
					(answer) => seen.set(path, answer),
					(error: unknown) => failures.push(error),
				)
				.then(() => {
					open.delete(path);
					found ??= decide(seen, open);
					if (found !== undefined || open.size === 0) resolve();
				});
		}
	});
	decided.abort();
	if (found === undefined) throw nobody(asked, seen, failures);
	const { probe, answer, evidence } = found;
	return {
		dialect: probe.dialect,
		version: probe.version?.(answer) ?? versionOf(probe, seen),
		models: await modelNames(probe.dialect, transport, seen, endAt, signal),
		evidence,
		ms: Math.round(performance.now() - started),
	};
}

async function get(
	transport: Transport,
	path: string,
	endAt: number,
	signal: AbortSignal | undefined,
): Promise<Seen> {
	const limits = {
		connectMs: CONNECT_MS,
		firstTokenMs: DETECT_MS,
		betweenTokensMs: DETECT_MS,
		endAt,
	};
	const { status, text, headers } = await transport.send({ method: 'GET', path }, { limits, signal });
	return { status, text, json: parseJson(text), header: (name) => asString(headers[name]) };
}

/** The first probe in their order that recognises its answer; undefined as long as one before it is still to come. */
function decide(seen: ReadonlyMap<string, Seen>, open: ReadonlySet<string>): Found | undefined {
	for (const probe of PROBES) {
		if (open.has(probe.path)) return undefined;
		const answer = seen.get(probe.path);
		const evidence = answer === undefined ? undefined : probe.recognise(answer);
		if (answer === undefined || evidence === undefined) continue;
		return probe.version === undefined && open.has(VERSION_PATH) ? undefined : { probe, answer, evidence };
	}
	return undefined;
}

/** Whoever speaks OpenAI's protocol may have any `/version`: it says nothing about an engine that is not known. */
function versionOf({ dialect }: Probe, seen: ReadonlyMap<string, Seen>): string | undefined {
	return dialect === 'openai' ? undefined : asString(asObject(seen.get(VERSION_PATH)?.json)?.version);
}

async function modelNames(
	dialect: Exclude<Dialect, 'builtin'>,
	transport: Transport,
	seen: ReadonlyMap<string, Seen>,
	endAt: number,
	signal: AbortSignal | undefined,
): Promise<string[]> {
	const until = Math.max(endAt, performance.now() + NAMES_MS);
	try {
		const rows = await DIALECTS[dialect]?.models(
			async ({ path }) => seen.get(path) ?? (await get(transport, path, until, signal)),
			false,
		);
		return (rows ?? []).slice(0, 200).map(({ id }) => id);
	} catch {
		// The names are a courtesy: what it is was found out, and a call that needs a model will say what is wrong.
		return [];
	}
}

function nobody(asked: Asked, seen: ReadonlyMap<string, Seen>, failures: readonly unknown[]): EngineError {
	if (seen.size === 0) return failureOfTransport(failures[0], asked, false);
	const answers = [...seen.values()];
	const telling =
		answers.find(({ status }) => status === 401 || status === 403) ??
		answers.find(({ status, text }) => kindOf(status, wordsOf(text)) === 'loading');
	if (telling !== undefined) return failureOfAnswer(telling, telling.text, asked);
	return new EngineError(
		'badAnswer',
		`${asked.baseUrl} answers, but like no engine that is known. Is it the engine's own port? If it speaks OpenAI's protocol, choose "OpenAI-compatible".`,
		{ engine: asked.engine },
	);
}
