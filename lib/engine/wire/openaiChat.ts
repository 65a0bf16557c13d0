import {
	asArray,
	asNumber,
	asObject,
	asString,
	isObject,
	parseJson,
	type UnknownObject,
	shortened,
} from '../../support';
import type { Answer } from '../stream/answer';
import { sseReader } from '../transport/frames';
import type { BodyReader } from '../transport/exchange';
import type { ChatRequest, FinishReason, ResponseFormat, TokenLogprob, Usage } from '../types/chat';
import type { ChatMessage, ContentPart, ToolChoice } from '../types/messages';
import { plain } from './plain';
import type { Json, JsonObject } from './json';

/** Where engines that speak OpenAI's chat protocol differ. */
export interface ChatQuirks {
	/** Field that carries the thinking of earlier turns back. */
	readonly reasoningField?: 'reasoning' | 'reasoning_content';
	/** How thinking is switched: by the chat template's argument, or OpenAI's word. */
	readonly reasoningSwitch?: 'templateKwargs' | 'effort';
	/** Beyond `json_object` and `json_schema`. */
	readonly format?: (format: ResponseFormat) => JsonObject | undefined;
	/** Fields every request gets. */
	readonly extra?: JsonObject;
}

/** The body of `POST /v1/chat/completions`, always streamed, always with usage. */
export function openaiChatBody(request: ChatRequest, model: string, quirks: ChatQuirks): JsonObject {
	const body: JsonObject = {
		...plain(request.extra ?? {}),
		...(model === '' ? {} : { model }),
		messages: request.messages.map((message) => wireMessage(message, quirks)),
		stream: true,
		stream_options: { include_usage: true },
		...quirks.extra,
	};
	if (request.tools !== undefined && request.tools.length > 0) {
		body.tools = request.tools.map((tool) => ({
			type: 'function',
			function: plain({
				name: tool.name,
				description: tool.description,
				parameters: tool.parameters,
				strict: tool.strict,
			}),
		}));
		if (request.toolChoice !== undefined) body.tool_choice = wireToolChoice(request.toolChoice);
	}
	if (request.responseFormat !== undefined) {
		Object.assign(body, quirks.format?.(request.responseFormat) ?? openaiFormat(request.responseFormat));
	}
	if (request.stop !== undefined && request.stop.length > 0) body.stop = [...request.stop];
	if (request.seed !== undefined) body.seed = request.seed;
	if (request.temperature !== undefined) body.temperature = request.temperature;
	if (request.topP !== undefined) body.top_p = request.topP;
	if (request.maxTokens !== undefined) body.max_tokens = request.maxTokens;
	if (request.logprobs !== undefined) {
		body.logprobs = true;
		if (request.logprobs > 0) body.top_logprobs = request.logprobs;
	}
	if (request.reasoning !== undefined)
		Object.assign(body, wireReasoning(request.reasoning, quirks.reasoningSwitch, body.chat_template_kwargs));
	return body;
}

function wireMessage(message: ChatMessage, quirks: ChatQuirks): JsonObject {
	switch (message.role) {
		case 'system':
		case 'user':
			return {
				role: message.role,
				content: typeof message.content === 'string' ? message.content : message.content.map(wirePart),
			};
		case 'tool':
			return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
		case 'assistant': {
			const wire: JsonObject = { role: 'assistant', content: message.content };
			if (
				message.reasoning !== undefined &&
				message.reasoning !== '' &&
				quirks.reasoningField !== undefined
			) {
				wire[quirks.reasoningField] = message.reasoning;
			}
			if (message.toolCalls !== undefined && message.toolCalls.length > 0) {
				wire.tool_calls = message.toolCalls.map((call) => ({
					id: call.id,
					type: 'function',
					function: { name: call.name, arguments: call.arguments },
				}));
			}
			return wire;
		}
	}
}

function wirePart(part: ContentPart): JsonObject {
	if (part.type === 'text') return { type: 'text', text: part.text };
	const url = 'url' in part ? part.url : `data:${part.mediaType};base64,${part.data}`;
	return { type: 'image_url', image_url: { url } };
}

function wireToolChoice(choice: ToolChoice): string | JsonObject {
	return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

function openaiFormat(format: ResponseFormat): JsonObject {
	if (format.type === 'json') return { response_format: { type: 'json_object' } };
	if (format.type === 'jsonSchema') {
		return {
			response_format: {
				type: 'json_schema',
				json_schema: { name: format.name ?? 'answer', strict: true, schema: plain(format.schema) },
			},
		};
	}
	return {};
}

function wireReasoning(
	reasoning: NonNullable<ChatRequest['reasoning']>,
	how: ChatQuirks['reasoningSwitch'],
	template: Json | undefined,
): JsonObject {
	if (how === 'templateKwargs') {
		const effort = reasoning === 'on' || reasoning === 'off' ? {} : { reasoning_effort: reasoning };
		return {
			chat_template_kwargs: { ...(isObject(template) ? template : {}), enable_thinking: reasoning !== 'off' },
			...effort,
		};
	}
	if (how === 'effort')
		return { reasoning_effort: reasoning === 'off' ? 'none' : reasoning === 'on' ? 'medium' : reasoning };
	return {};
}

const FINISH: { readonly [reason: string]: FinishReason } = {
	stop: 'stop',
	eos_token: 'stop',
	stop_sequence: 'stop',
	length: 'length',
	tool_calls: 'toolCalls',
	function_call: 'toolCalls',
	content_filter: 'filtered',
};

/** Reasons that say that the answer is *not* complete (SGLang and vLLM: abort, error; TensorRT-LLM: cancelled, timeout). */
const BROKEN = /^(?:abort|error|cancel|timeout|not_finished|failed)/i;

/** Reads the SSE body of a streamed chat completion into `answer`; an `error` object inside a 200 ends it with `fail`. */
export function openaiChatReader(
	answer: Answer,
	fail: (words: string, status?: number) => Error,
): BodyReader {
	const events = sseReader((data) => {
		if (data === '[DONE]') return;
		const chunk = parseJson(data);
		if (!isObject(chunk)) throw fail(`a line of the stream is not valid JSON: ${shortened(data, 200)}`, 200);
		if (chunk.error !== undefined && chunk.error !== null) {
			throw fail(data, asNumber(asObject(chunk.error)?.code) ?? 500);
		}
		if (chunk.object === 'error') throw fail(data, asNumber(chunk.code) ?? 500);
		readChunk(chunk, answer, fail);
	});
	return orWhole(events, (json) => {
		if (json.error !== undefined && json.error !== null) throw fail(JSON.stringify(json), 500);
		readChunk(asWholeChunk(json), answer, fail);
	});
}

/** Longest answer in one piece. */
const MAX_WHOLE = 8 * 1024 * 1024;

/** A server that ignores `stream` answers with one JSON object: what begins like one is read whole. */
function orWhole(events: BodyReader, onJson: (json: UnknownObject) => void): BodyReader {
	let whole: string | undefined;
	let begun = false;
	return {
		onText: (text) => {
			if (!begun && text.trimStart() !== '') {
				begun = true;
				if (text.trimStart().startsWith('{')) whole = '';
			}
			if (whole === undefined) events.onText(text);
			else if (whole.length < MAX_WHOLE) whole += text;
		},
		onEnd: () => {
			const json = whole === undefined ? undefined : parseJson(whole);
			if (isObject(json)) onJson(json);
		},
	};
}

/** A whole completion as the one chunk of a stream: the message is the delta. */
function asWholeChunk(json: UnknownObject): UnknownObject {
	const choice = asObject(asArray(json.choices)[0]);
	return choice === undefined ? json : { ...json, choices: [{ ...choice, delta: choice.message }] };
}

function readChunk(
	chunk: UnknownObject,
	answer: Answer,
	fail: (words: string, status?: number) => Error,
): void {
	if (answer.model === undefined && typeof chunk.model === 'string' && chunk.model !== '')
		answer.model = chunk.model;
	const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
	// We never ask for more than one choice; whatever else comes is not part of the answer.
	if (isObject(choice) && (choice.index === undefined || choice.index === 0)) {
		const delta = choice.delta;
		if (isObject(delta)) readDelta(delta, choice, answer);
		if (typeof choice.finish_reason === 'string') {
			if (BROKEN.test(choice.finish_reason))
				throw fail(`it ended its answer with the reason "${choice.finish_reason}"`, 500);
			const finish = FINISH[choice.finish_reason] ?? 'stop';
			answer.finish = finish === 'stop' && answer.hasToolCalls ? 'toolCalls' : finish;
		}
	}
	if (isObject(chunk.usage)) answer.usage = { ...readUsage(chunk.usage), ...draftsOf(chunk.timings) };
	else if (isObject(chunk.timings)) answer.usage ??= llamaTimings(chunk.timings);
}

function readDelta(delta: UnknownObject, choice: UnknownObject, answer: Answer): void {
	const { content } = delta;
	// vLLM and Ollama say `reasoning`, llama.cpp, SGLang and LM Studio `reasoning_content` (transcripts, finding 12).
	const reasoning = delta.reasoning_content ?? delta.reasoning;
	if (typeof reasoning === 'string' && reasoning !== '') answer.reasoning(reasoning);
	if (typeof content === 'string' && content !== '') {
		answer.text(content, isObject(choice.logprobs) ? readLogprobs(choice.logprobs.content) : undefined);
	}
	// OpenAI's own field for why a model does not answer; the words are its answer.
	if (typeof delta.refusal === 'string' && delta.refusal !== '') answer.text(delta.refusal);
	if (Array.isArray(delta.tool_calls)) {
		delta.tool_calls.forEach((call, position) => {
			if (!isObject(call)) return;
			const named = asObject(call.function);
			answer.toolCall(
				asNumber(call.index) ?? position,
				asString(call.id),
				asString(named?.name),
				asString(named?.arguments) ?? '',
			);
		});
	}
}

/** Log-probabilities in OpenAI's shape; Ollama's native route uses the same for its tokens. */
export function readLogprobs(content: unknown): TokenLogprob[] | undefined {
	if (!Array.isArray(content)) return undefined;
	return content.filter(isObject).map((entry) => ({
		token: asString(entry.token) ?? '',
		logprob: asNumber(entry.logprob) ?? Number.NEGATIVE_INFINITY,
		top: asArray(entry.top_logprobs)
			.filter(isObject)
			.map((other) => ({
				token: asString(other.token) ?? '',
				logprob: asNumber(other.logprob) ?? Number.NEGATIVE_INFINITY,
			})),
	}));
}

export function readUsage(usage: UnknownObject): Usage {
	return {
		promptTokens: asNumber(usage.prompt_tokens) ?? 0,
		completionTokens: asNumber(usage.completion_tokens) ?? 0,
		...optional('cachedTokens', asNumber(asObject(usage.prompt_tokens_details)?.cached_tokens)),
		...optional('reasoningTokens', asNumber(asObject(usage.completion_tokens_details)?.reasoning_tokens)),
	};
}

/** llama.cpp sends `timings` even where it sends no usage: processed and cached prompt tokens are counted apart there. */
function llamaTimings(timings: UnknownObject): Usage | undefined {
	const processed = asNumber(timings.prompt_n);
	const predicted = asNumber(timings.predicted_n);
	if (processed === undefined || predicted === undefined) return undefined;
	const cached = asNumber(timings.cache_n) ?? 0;
	return {
		promptTokens: processed + cached,
		completionTokens: predicted,
		cachedTokens: cached,
		...draftsOf(timings),
	};
}

/** Of llama.cpp's `timings`, where it decodes speculatively. */
function draftsOf(timings: unknown): Pick<Usage, 'draftTokens' | 'acceptedDraftTokens'> {
	const drafted = asNumber(asObject(timings)?.draft_n);
	if (drafted === undefined || drafted === 0) return {};
	return { draftTokens: drafted, acceptedDraftTokens: asNumber(asObject(timings)?.draft_n_accepted) ?? 0 };
}

function optional<K extends string>(key: K, value: number | undefined): { [key in K]?: number } {
	const field: { [key in K]?: number } = {};
	if (value !== undefined) field[key] = value;
	return field;
}
