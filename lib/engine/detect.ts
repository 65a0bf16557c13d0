import { DIALECTS } from './dialects';
import { EngineError } from './errors';
import type { Transport } from './transport/transport';
import type { Detection, Dialect } from './types';
import { type Asked, failureOfAnswer, failureOfTransport, kindOf, wordsOf } from './wire/failure';
import { asArray, asObject, asString, isObject, type Json, type JsonObject, parseJson } from './wire/json';

/** Everything is asked at once; whoever has not answered by then is not waited for. */
const DETECT_MS = 2_000;

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

const ok = (seen: Seen): JsonObject | undefined => (seen.status === 200 ? asObject(seen.json) : undefined);
const models = (seen: Seen): JsonObject[] => asArray(asObject(seen.json)?.data).filter(isObject);
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

/**
 * Finds out what kind of engine answers at an address.
 *
 * @throws EngineError `unreachable` (nobody there), `unauthorized` (a key is needed to tell), `badAnswer` (no known engine).
 */
export async function detectEngine(
	transport: Transport,
	asked: Asked,
	signal?: AbortSignal,
): Promise<Detection> {
	const started = performance.now();
	const limits = {
		connectMs: DETECT_MS,
		firstTokenMs: DETECT_MS,
		betweenTokensMs: DETECT_MS,
		endAt: started + DETECT_MS,
	};
	const paths = [...new Set([...PROBES.map(({ path }) => path), '/version'])];
	const failures: unknown[] = [];
	const seen = new Map<string, Seen>();
	await Promise.all(
		paths.map(async (path) => {
			try {
				const answer = await transport.send({ method: 'GET', path }, { limits, signal });
				seen.set(path, {
					status: answer.status,
					json: parseJson(answer.text),
					text: answer.text,
					header: (name) => asString(answer.headers[name]),
				});
			} catch (error) {
				failures.push(error);
			}
		}),
	);
	for (const probe of PROBES) {
		const answer = seen.get(probe.path);
		const evidence = answer === undefined ? undefined : probe.recognise(answer);
		if (answer === undefined || evidence === undefined) continue;
		const plainVersion = asString(asObject(seen.get('/version')?.json)?.version);
		return {
			dialect: probe.dialect,
			version: probe.version?.(answer) ?? (probe.dialect === 'openai' ? undefined : plainVersion),
			models: await modelNames(probe.dialect, transport, limits, signal),
			evidence,
			ms: Math.round(performance.now() - started),
		};
	}
	throw nobody(asked, seen, failures);
}

async function modelNames(
	dialect: Exclude<Dialect, 'builtin'>,
	transport: Transport,
	limits: { connectMs: number; firstTokenMs: number; betweenTokensMs: number; endAt: number },
	signal: AbortSignal | undefined,
): Promise<string[]> {
	try {
		const rows = await DIALECTS[dialect]?.models(async (request) => {
			const answer = await transport.send(request, {
				limits: { ...limits, endAt: performance.now() + DETECT_MS },
				signal,
			});
			return { status: answer.status, json: parseJson(answer.text), text: answer.text };
		}, false);
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
