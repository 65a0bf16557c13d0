import {
	asArray,
	asNumber,
	asObject,
	asString,
	compact,
	isObject,
	mapAll,
	parseJson,
	type UnknownObject,
	shortened,
} from '../../support';
import type { Answer } from '../stream/answer';
import { ndjsonReader } from '../transport/frames';
import type { BodyReader } from '../transport/exchange';
import type { ChatRequest } from '../types/chat';
import type { ChatMessage } from '../types/messages';
import type { ModelInfo } from '../types/operations';
import type { Json, JsonObject } from '../wire/json';
import { readLogprobs } from '../wire/openaiChat';
import { plain } from '../wire/plain';
import { callIn, callSchema, forcedTools } from '../wire/forcedTool';
import { readVectors } from '../wire/vectors';
import { TAKES } from '../wire/extras';
import type { Ask, DialectSpec } from './dialect';

/**
 * Ollama by its native API: the /v1 route ignores num_ctx, keep_alive, think and tool_choice, and hides a runner that
 * died (transcripts, findings 1 and 10).
 */
export const ollama: DialectSpec = {
	dialect: 'ollama',
	label: 'Ollama',
	takes: TAKES.ollama,
	checksNames: true,
	handsModelsOn: true,
	can: new Set([
		'chat',
		'embed',
		'tools',
		'toolChoice',
		'images',
		'json',
		'jsonSchema',
		'choice',
		'logprobs',
		'seed',
		'stop',
		'reasoningSwitch',
		'reasoningEffort',
		'keepAlive',
		'contextSize',
		'pull',
		'load',
		'unload',
	]),
	chat: {
		request: (request, model) => ({ method: 'POST', path: '/api/chat', body: chatBody(request, model) }),
		reader: chatReader,
	},
	embed: {
		// truncate: false — by default a text that is too long is cut without a word (finding 6).
		request: (model, texts, { dimensions }) => ({
			method: 'POST',
			path: '/api/embed',
			body: { model, input: texts, truncate: false, ...(dimensions === undefined ? {} : { dimensions }) },
		}),
		answer: readEmbeddings,
	},
	models,
	healthyWhileBusy: true,
	health: { method: 'GET', path: '/api/version' },
	version: async (ask) =>
		asString(asObject((await ask({ method: 'GET', path: '/api/version' })).json)?.version),
	operations: {
		pull: {
			request: (model) => ({ method: 'POST', path: '/api/pull', body: { model, stream: true } }),
			progress: pullProgress,
			finished: (line) => asObject(line)?.status === 'success',
		},
		load: (model, { keepAlive, contextSize }) => ({
			method: 'POST',
			path: '/api/generate',
			body: {
				model,
				stream: false,
				...(keepAlive === undefined ? {} : { keep_alive: keepAliveValue(keepAlive) }),
				...(contextSize === undefined ? {} : { options: { num_ctx: contextSize } }),
			},
		}),
		unload: (model) => [
			{ method: 'POST', path: '/api/generate', body: { model, stream: false, keep_alive: 0 } },
		],
	},
};

function chatBody(request: ChatRequest, model: string): JsonObject {
	// Sampling fields are options here; a client of its own API sends them so already.
	const { options: given, keep_alive: keepAlive, ...sampling } = plain(request.extra ?? {});
	const options = compact<JsonObject>({
		...(isObject(given) ? given : {}),
		...sampling,
		num_ctx: request.contextSize,
		num_predict: request.maxTokens,
		temperature: request.temperature,
		top_p: request.topP,
		seed: request.seed,
		stop: request.stop === undefined || request.stop.length === 0 ? undefined : [...request.stop],
	});
	return compact<JsonObject>({
		model,
		messages: wireMessages(request.messages),
		stream: true,
		// A prompt that does not fit is otherwise cut, and the window shifted while it writes, both without a word (finding 5).
		truncate: false,
		shift: false,
		tools:
			request.tools === undefined || request.toolChoice === 'none'
				? undefined
				: request.tools.map((tool) => ({
						type: 'function',
						function: plain({ name: tool.name, description: tool.description, parameters: tool.parameters }),
					})),
		format: wireFormat(request),
		think:
			request.reasoning === undefined
				? undefined
				: request.reasoning === 'on'
					? true
					: request.reasoning === 'off'
						? false
						: request.reasoning,
		keep_alive: request.keepAlive === undefined ? keepAlive : keepAliveValue(request.keepAlive),
		logprobs: request.logprobs === undefined ? undefined : true,
		top_logprobs: request.logprobs === undefined || request.logprobs === 0 ? undefined : request.logprobs,
		options: Object.keys(options).length === 0 ? undefined : options,
	});
}

/** "-1" and "0" are numbers to Ollama, "10m" is a duration. */
function keepAliveValue(text: string): string | number {
	return /^-?\d+$/.test(text) ? Number(text) : text;
}

function wireFormat(request: ChatRequest): string | JsonObject | undefined {
	const forced = forcedTools(request);
	if (forced.length > 0) return callSchema(forced);
	const format = request.responseFormat;
	// Its own JSON mode is not enforced (0.32); a schema is.
	if (format?.type === 'json') return { type: 'object' };
	if (format?.type === 'jsonSchema') return plain(format.schema);
	// A choice is a schema of one string; the answer comes in quotes, which `choiceOf` in classify.ts takes off.
	if (format?.type === 'choice') return { type: 'string', enum: [...format.options] };
	return undefined;
}

function wireMessages(messages: readonly ChatMessage[]): JsonObject[] {
	const toolNames = new Map<string, string>();
	return messages.map((message) => {
		if (message.role === 'tool') {
			return {
				role: 'tool',
				content: message.content,
				tool_name: message.name ?? toolNames.get(message.toolCallId) ?? '',
			};
		}
		if (message.role === 'assistant') {
			for (const call of message.toolCalls ?? []) toolNames.set(call.id, call.name);
			return compact<JsonObject>({
				role: 'assistant',
				content: message.content,
				thinking: message.reasoning,
				// Arguments are an object here; a string is a 400 (finding 11).
				tool_calls: message.toolCalls?.map((call) => ({
					id: call.id,
					function: { name: call.name, arguments: argumentsObject(call.arguments) },
				})),
			});
		}
		if (typeof message.content === 'string') return { role: message.role, content: message.content };
		const images = message.content.flatMap((part) =>
			part.type === 'image' && 'data' in part ? [part.data] : [],
		);
		return compact<JsonObject>({
			role: message.role,
			content: message.content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
			images: images.length === 0 ? undefined : images,
		});
	});
}

function argumentsObject(text: string): JsonObject {
	const parsed = parseJson(text);
	return isObject(parsed) ? parsed : {};
}

function chatReader(
	answer: Answer,
	fail: (words: string, status?: number) => Error,
	request: ChatRequest,
): BodyReader {
	let calls = 0;
	// The answer that is held to the schema of a call is not told as text.
	let held = forcedTools(request).length > 0 ? '' : undefined;
	return ndjsonReader((line) => {
		const json = parseJson(line);
		if (!isObject(json)) throw fail(`a line of the stream is not valid JSON: ${shortened(line, 200)}`, 200);
		// A runner that dies says so in a line inside the 200 (finding 1).
		if (json.error !== undefined) throw fail(line, 500);
		const message = asObject(json.message);
		if (message !== undefined) {
			if (typeof message.thinking === 'string' && message.thinking !== '') answer.reasoning(message.thinking);
			if (typeof message.content === 'string' && message.content !== '') {
				if (held === undefined) answer.text(message.content, readLogprobs(json.logprobs));
				else {
					held += message.content;
					answer.alive();
				}
			}
			for (const entry of asArray(message.tool_calls)) {
				const call = asObject(entry);
				const named = asObject(call?.function);
				// Calls come whole; their `index` may repeat between lines, so we count ourselves.
				answer.toolCall(
					calls++,
					asString(call?.id),
					asString(named?.name),
					JSON.stringify(named?.arguments ?? {}),
				);
			}
		}
		if (json.done !== true) return;
		const call = held === undefined ? undefined : callIn(held);
		if (call !== undefined) answer.toolCall(calls++, undefined, call.name, call.arguments);
		else if (held !== undefined && held !== '') answer.text(held);
		held = undefined;
		finish(json, answer);
	});
}

function finish(json: JsonObject, answer: Answer): void {
	answer.model ??= asString(json.model);
	// Tool calls end with "stop" here (finding 11).
	answer.finish = json.done_reason === 'length' ? 'length' : answer.hasToolCalls ? 'toolCalls' : 'stop';
	const prompt = asNumber(json.prompt_eval_count);
	const written = asNumber(json.eval_count);
	// It says nothing of a prompt that it has in its cache whole: then the prompt's tokens are estimated.
	if (prompt !== undefined || written !== undefined)
		answer.usage = { promptTokens: prompt, completionTokens: written ?? 0 };
	const load = asNumber(json.load_duration);
	if (load !== undefined) answer.loadMs = load / 1e6;
}

function readEmbeddings(json: Json): { vectors: Float32Array[]; promptTokens: number } | undefined {
	const root = asObject(json);
	if (root === undefined || !Array.isArray(root.embeddings)) return undefined;
	const vectors = readVectors(root.embeddings);
	return vectors && { vectors, promptTokens: asNumber(root.prompt_eval_count) ?? 0 };
}

/** Models asked for by name for their details, and how many at once. */
const MOST_SHOWN = 100;
const SHOWN_AT_ONCE = 4;

async function models(ask: Ask, details: boolean): Promise<Omit<ModelInfo, 'engine'>[]> {
	const [tags, loaded] = await Promise.all([
		ask({ method: 'GET', path: '/api/tags' }),
		ask({ method: 'GET', path: '/api/ps' }),
	]);
	const running = new Map(
		asArray(asObject(loaded.json)?.models)
			.filter(isObject)
			.map((row) => [asString(row.name) ?? '', row]),
	);
	const rows = asArray(asObject(tags.json)?.models)
		.filter(isObject)
		.map((row) => {
			const id = asString(row.name) ?? '';
			const about = asObject(row.details);
			const inMemory = running.get(id);
			return compact({
				id,
				remote: runsElsewhere(id, row) || undefined,
				loaded: inMemory !== undefined,
				contextTokens: asNumber(inMemory?.context_length),
				sizeBytes: asNumber(row.size),
				// 0 where it could not find out.
				memoryBytes: asNumber(inMemory?.size) || undefined,
				gpuMemoryBytes: asNumber(inMemory?.size_vram),
				parameters: asString(about?.parameter_size),
				quantization: asString(about?.quantization_level),
				capabilities: words(row.capabilities),
			});
		});
	if (!details) return rows;
	const shown = await mapAll(rows.slice(0, MOST_SHOWN), SHOWN_AT_ONCE, async (row) => ({
		...row,
		// The rest of the list stands without it: a model may be deleted while we ask.
		...(await show(ask, row.id).catch(() => ({}))),
	}));
	return [...shown, ...rows.slice(MOST_SHOWN)];
}

/** `remote_host` and `remote_model` in its list; the tags of its cloud models, where an older one does not say so. */
function runsElsewhere(id: string, row: UnknownObject): boolean {
	const named = (value: unknown): boolean => typeof value === 'string' && value !== '';
	return named(row.remote_host) || named(row.remote_model) || /[:-]cloud$/.test(id);
}

/** What only `/api/show` tells: what a model is for, and the context it was made for. */
async function show(ask: Ask, model: string): Promise<Partial<ModelInfo>> {
	const { json } = await ask({ method: 'POST', path: '/api/show', body: { model } });
	const answer = asObject(json);
	const info = asObject(answer?.model_info);
	const architecture = asString(info?.['general.architecture']) ?? '';
	return compact({
		capabilities: words(answer?.capabilities),
		maxContextTokens: asNumber(info?.[`${architecture}.context_length`]),
		dimensions: asNumber(info?.[`${architecture}.embedding_length`]),
	});
}

function words(value: unknown): string[] | undefined {
	return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : undefined;
}

function pullProgress(
	line: Json,
): { status: string; done?: number; total?: number } | { error: string } | undefined {
	const row = asObject(line);
	const error = asString(row?.error);
	if (error !== undefined) return { error };
	const status = asString(row?.status);
	return status === undefined
		? undefined
		: compact({ status, done: asNumber(row?.completed), total: asNumber(row?.total) });
}
