import { isObject, tokensOfBytes } from '../support';
import { Answer, type AnswerListener } from './stream/answer';
import { EngineError, type Attempt } from './errors';
import type { DialectSpec } from './dialects';
import { isUnreadableCall } from './routing/breaker';
import { type Engine } from './routing/engine';
import type { Routes } from './routing/job';
import { withFailover } from './routing/loop';
import { prefixOf } from './routing/choose';
import { charactersOf, checkContext } from './routing/context';
import type { Exchange, ExchangeLimits } from './transport/exchange';
import type { Feature } from './types/address';
import type { ChatRequest, ChatResult, Timings, Usage } from './types/chat';
import type { CallOptions } from './types/pool';
import { failureOfAnswer, failureOfTransport } from './wire/failure';
import { splitExtra } from './wire/extras';
import { shapeFor } from './wire/shape';

/** The smallest chat: one token. */
const PROBE: ChatRequest = { messages: [{ role: 'user', content: 'Hi' }], maxTokens: 1 };

/** Who is told of the answer while it comes (streamed calls); collected calls have none. */
export interface ChatListener extends AnswerListener {
	chosen(
		engine: { readonly name: string },
		model: string,
		attempts: readonly Attempt[],
		ignored?: readonly string[],
	): void;
	exchange(exchange: Exchange): void;
}

/**
 * One chat call over the pool, streamed from the engine in any case: liveness, time to first token and cancellation come
 * with it. Without a listener a broken answer is started again whole on the next engine; with one only as long as nothing
 * of it was handed on.
 */
export async function runChat(
	routes: Routes,
	request: ChatRequest,
	call: CallOptions,
	listener?: ChatListener,
): Promise<ChatResult> {
	checkRequest(request);
	let handedOn = false;
	const watched: AnswerListener | undefined = listener && {
		text: (text, logprobs) => {
			handedOn = true;
			listener.text(text, logprobs);
		},
		reasoning: (text) => {
			handedOn = true;
			listener.reasoning(text);
		},
		toolCall: (index, id, name, argumentsDelta) => {
			handedOn = true;
			listener.toolCall(index, id, name, argumentsDelta);
		},
	};
	const outcome = await withFailover<{ answer: Answer; sentAt: number }>(
		routes,
		{
			use: 'chat',
			model: request.model,
			needs: needsOf(request),
			affinity: routes.engines.length > 1 ? prefixOf(request.messages) : undefined,
			check: (engine, spec, model) => checkContext(engine, spec, model, request),
			committed: () => handedOn,
			probe: (engine, spec, model, limits) =>
				send(engine, spec, model, PROBE, limits, {}, undefined, undefined),
			run: (engine, spec, model, limits) =>
				attempt(engine, spec, model, request, limits, call, watched, listener),
		},
		call,
		listener &&
			((engine, model, attempts) =>
				listener.chosen(engine, model, attempts, splitExtra(request, engine.known?.takes).ignored)),
	);
	const { answer, sentAt } = outcome.value;
	const toolCalls = answer.toolCalls();
	const { ignored } = splitExtra(request, outcome.spec.takes);
	const broken = toolCalls.filter(({ invalid }) => invalid !== undefined);
	return {
		engine: outcome.engine.name,
		model: answer.model ?? outcome.model,
		dialect: outcome.spec.dialect,
		text: answer.content,
		reasoning: answer.thinking,
		toolCalls,
		finishReason: answer.finish ?? 'stop',
		usage: usageOf(answer, request),
		timings: timingsOf(answer, sentAt, outcome.queueMs, outcome.startedAt),
		attempts: outcome.attempts,
		...(answer.logprobs === undefined ? {} : { logprobs: answer.logprobs }),
		...(ignored.length === 0 ? {} : { ignored }),
		...(broken.length === 0
			? {}
			: { warnings: broken.map(({ name, invalid }) => `Tool call ${name}: ${invalid ?? ''}`) }),
	};
}

/** One try at one engine. A finish reason must have been seen: every other end is a failure (transcripts, finding 1). */
async function attempt(
	engine: Engine,
	spec: DialectSpec,
	model: string,
	request: ChatRequest,
	limits: ExchangeLimits,
	call: CallOptions,
	watched: AnswerListener | undefined,
	listener: ChatListener | undefined,
): Promise<{ answer: Answer; sentAt: number }> {
	try {
		return await send(engine, spec, model, request, limits, call, watched, listener);
	} catch (error) {
		const other =
			error instanceof EngineError ? (fitTokens(error, request) ?? unthinking(error, request)) : undefined;
		if (other === undefined) throw error;
		return await send(engine, spec, model, other, limits, call, watched, listener);
	}
}

/**
 * The prompt fits but prompt and `maxTokens` do not: ask again with what is left (vLLM refuses where the others would
 * simply stop at the end of the context).
 */
function fitTokens(error: EngineError, request: ChatRequest): ChatRequest | undefined {
	const { contextTokens, promptTokens } = error;
	if (error.kind !== 'contextExceeded' || request.maxTokens === undefined || contextTokens === undefined)
		return undefined;
	if (/without any output tokens/.test(error.engineMessage ?? '')) return undefined;
	if (promptTokens === undefined)
		return request.maxTokens > contextTokens ? { ...request, maxTokens: undefined } : undefined;
	const room = contextTokens - promptTokens;
	return room > 0 && room < request.maxTokens ? { ...request, maxTokens: room } : undefined;
}

/** The model has no switch for thinking, and that was only a wish (Ollama tells it for each model). */
function unthinking(error: EngineError, request: ChatRequest): ChatRequest | undefined {
	if (request.reasoningIsWish !== true || request.reasoning === undefined) return undefined;
	return /does not support thinking|think value/i.test(error.engineMessage ?? '')
		? { ...request, reasoning: undefined }
		: undefined;
}

/** Without the wishes that this engine does not know. */
function wishesFor(spec: DialectSpec, request: ChatRequest): ChatRequest {
	const { reasoning, reasoningIsWish } = request;
	const feature = reasoning === 'on' || reasoning === 'off' ? 'reasoningSwitch' : 'reasoningEffort';
	const unknown = reasoningIsWish === true && reasoning !== undefined && !spec.can.has(feature);
	return {
		...request,
		...(unknown ? { reasoning: undefined } : {}),
		extra: splitExtra(request, spec.takes).taken,
	};
}

async function send(
	engine: Engine,
	spec: DialectSpec,
	model: string,
	request: ChatRequest,
	limits: ExchangeLimits,
	call: CallOptions,
	watched: AnswerListener | undefined,
	listener: ChatListener | undefined,
): Promise<{ answer: Answer; sentAt: number }> {
	const asked = engine.asked(model);
	const { chat } = spec;
	if (chat === undefined)
		throw new EngineError('unsupported', `${engine.name} (${spec.label}) does not chat.`, {
			engine: engine.name,
		});
	let exchange: Exchange | undefined;
	const answer = new Answer((now) => exchange?.token(now), watched);
	const fail = (words: string, status = 500): EngineError => failureOfAnswer({ status }, words, asked);
	try {
		const got = await engine.transport.send(chat.request(wishesFor(spec, shapeFor(spec, request)), model), {
			limits,
			signal: call.signal,
			reader: chat.reader(answer, fail, request),
			onExchange: (started) => {
				exchange = started;
				listener?.exchange(started);
			},
		});
		if (got.status >= 400) throw failureOfAnswer(got, got.text, asked);
		answer.flush();
		const type = got.headers['content-type'];
		const streamed = typeof type === 'string' && type.includes('event-stream');
		if (spec.emptyIsError === true && !answer.began && streamed) {
			throw new EngineError(
				'contextExceeded',
				`${engine.name} ended without a word, as ${spec.label} does when the prompt is longer than the loaded context. Shorten it, or load the model with a larger context.`,
				{ engine: engine.name, model },
			);
		}
		if (answer.finish === undefined) throw notFinished(answer, engine, model, type);
	} catch (thrown) {
		answer.flush();
		const error = failureOfTransport(thrown, asked, answer.began);
		throw answer.began ? brokenOff(error, answer) : error;
	}
	return { answer, sentAt: exchange?.startedAt ?? performance.now() };
}

/** The stream ended as if all were well, but nothing said that the answer was complete. */
function notFinished(answer: Answer, engine: Engine, model: string, type: unknown): EngineError {
	const details = { engine: engine.name, model };
	if (answer.began) {
		return new EngineError(
			'interrupted',
			`${engine.name} ended its answer without saying that it was complete: it broke off.`,
			details,
		);
	}
	return new EngineError(
		'badAnswer',
		`${engine.name} answered with nothing that is a chat answer${typeof type === 'string' ? ` (${type})` : ''}. Is the base URL right, and is it this type of engine?`,
		details,
	);
}

/** An answer that had begun and failed is `interrupted`, except where we ended it ourselves (deadline, caller). */
function brokenOff(error: EngineError, answer: Answer): EngineError {
	const partial = answer.partial();
	const ended = error.kind === 'timeout' || error.kind === 'cancelled' || error.kind === 'interrupted';
	if (ended || isUnreadableCall(error)) return error.with({ partial });
	return new EngineError(
		'interrupted',
		`${error.engine ?? 'The engine'} broke off in the middle of its answer. ${error.message}`,
		{
			engine: error.engine,
			model: error.model,
			status: error.status,
			engineMessage: error.engineMessage,
			partial,
			cause: error,
		},
	);
}

/** Refuses what no engine could answer, before anything is sent. */
function checkRequest(request: ChatRequest): void {
	const wrong = (message: string): never => {
		throw new EngineError('invalidRequest', message);
	};
	if (request.messages.length === 0) wrong('There is no message to answer. Give at least one.');
	const range = (name: string, value: number | undefined, low: number, high: number): void => {
		if (value !== undefined && !(value >= low && value <= high))
			wrong(`${name} is ${value}; it must be between ${low} and ${high}.`);
	};
	range('maxTokens', request.maxTokens, 1, 10_000_000);
	range('temperature', request.temperature, 0, 10);
	range('topP', request.topP, 0, 1);
	range('logprobs', request.logprobs, 0, 20);
	range('contextSize', request.contextSize, 1, 100_000_000);
	const choice = request.toolChoice;
	if (typeof choice === 'object' && !(request.tools ?? []).some(({ name }) => name === choice.name)) {
		wrong(`The tool "${choice.name}" that is to be called is not among the tools of the request.`);
	}
	const format = request.responseFormat;
	if (format?.type === 'jsonSchema' && !isObject(format.schema))
		wrong('The JSON schema of the answer is not an object.');
	if (format?.type === 'choice' && format.options.length === 0) wrong('There is nothing to choose from.');
}

/** What an engine must be able to do for this request. */
export function needsOf(request: ChatRequest): Feature[] {
	const needs: Feature[] = ['chat'];
	const { responseFormat, toolChoice } = request;
	if (request.tools !== undefined && request.tools.length > 0) {
		needs.push('tools');
		if (toolChoice === 'required' || typeof toolChoice === 'object') needs.push('toolChoice');
	}
	for (const message of request.messages) {
		if (typeof message.content === 'string') continue;
		for (const part of message.content) {
			if (part.type === 'image') needs.push('data' in part ? 'images' : 'imageUrls');
		}
	}
	if (responseFormat !== undefined && !('fallback' in responseFormat && responseFormat.fallback === 'prompt'))
		needs.push(responseFormat.type);
	if (request.logprobs !== undefined) needs.push('logprobs');
	if (request.seed !== undefined) needs.push('seed');
	if (request.stop !== undefined && request.stop.length > 0) needs.push('stop');
	if (request.reasoningIsWish === true) return needs;
	if (request.reasoning === 'on' || request.reasoning === 'off') needs.push('reasoningSwitch');
	else if (request.reasoning !== undefined) needs.push('reasoningEffort');
	return needs;
}

function usageOf(answer: Answer, request: ChatRequest): Usage {
	const { promptTokens, completionTokens, ...more } = answer.usage ?? {};
	const estimated = promptTokens === undefined || completionTokens === undefined;
	return {
		...more,
		promptTokens: promptTokens ?? tokensOfBytes(charactersOf(request)),
		completionTokens: completionTokens ?? answer.pieces,
		...(estimated ? { estimated } : {}),
	};
}

function timingsOf(answer: Answer, sentAt: number, queueMs: number, startedAt: number): Timings {
	const now = performance.now();
	const first = answer.firstAt === 0 ? now : answer.firstAt;
	const tokens = answer.usage?.completionTokens ?? answer.pieces;
	return {
		queueMs,
		firstTokenMs: first - sentAt,
		totalMs: now - startedAt,
		...(answer.loadMs === undefined ? {} : { loadMs: answer.loadMs }),
		...(tokens > 1 && answer.lastAt > first ? { perTokenMs: (answer.lastAt - first) / (tokens - 1) } : {}),
	};
}
