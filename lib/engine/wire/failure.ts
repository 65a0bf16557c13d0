import { asArray, asObject, asString, isObject, messageOf, parseJson, retryAfterMs } from '../../support';
import { EngineError, type EngineErrorKind } from '../errors';
import { TransportError } from '../transport/exchange';
import { advise, type Asked } from './advice';

export interface AnswerHead {
	readonly status: number;
	readonly headers?: { readonly [name: string]: string | string[] | undefined };
}

interface Rule {
	/** Several short patterns rather than a long one: each can be proved to take linear time. */
	readonly words: readonly RegExp[];
	readonly kind: EngineErrorKind;
}

/**
 * The engines' own words decide before the status does: llama.cpp answers 500 to bad tools and to long inputs, Ollama 500
 * to a bad schema, TEI 424 to the wrong kind of model (transcripts, finding 8). First match wins. Sources: recordings of
 * llama.cpp b11549, Ollama 0.24, vLLM 0.32, TEI 1.9.3; for the rest their documentation and sources.
 */
const RULES: readonly Rule[] = [
	// Ollama, where the process of the model has ended: behind this stands whatever that one had logged last, of any request.
	{ words: [/^an error was encountered while running the model/i], kind: 'server' },
	// Before "loading": llama.cpp, Ollama (since 0.30 it runs llama-server) and llama-swap.
	{
		words: [
			/(?:error|failure) (?:while )?loading (?:the )?model/i,
			/(?:failed|unable|not able) to load (?:the )?(?:model|library)/i,
			/model (?:failed|could not) (?:to )?(?:be )?load/i,
			/ failed to load$/i,
			/requires more system memory/i,
			/exited prematurely but successfully|upstream command exited/i,
		],
		kind: 'loadFailed',
	},
	{
		words: [
			/loading model/i,
			/model is (?:still )?(?:loading|being loaded)/i,
			/currently loading/i,
			/(?:server|engine|model) is starting/i,
			/warming up/i,
		],
		kind: 'loading',
	},
	// llama.cpp, vLLM, Ollama, TEI, LM Studio, SGLang, TensorRT-LLM, OpenAI — in this order.
	{
		words: [
			/exceeds? the available context size/i,
			/maximum context length/i,
			/cannot be greater than max_model_len/i,
			/input length exceeds the context/i,
			/too large to process/i,
			/larger than the max(?:imum)? context size/i,
			/must have less than \d+ tokens/i,
			/tokens to keep from the initial prompt/i,
			/loaded with (?:a )?context length of only/i,
			/cannot truncate prompt with n_keep/i,
			/longer than the model's context length/i,
			/exceeds? the (?:model'?s )?(?:max|maximum) (?:allowed (?:input )?length|input|sequence|context|number of)/i,
			/should not exceed max_(?:input_len|num_tokens|seq_len)/i,
			/context_length_exceeded/i,
			/exceed_context_size/i,
		],
		kind: 'contextExceeded',
	},
	// Of what the model wrote, not of what it was asked: cut off at the token limit, or no JSON (Ollama, llama.cpp).
	{
		words: [
			/error parsing tool call/i,
			/tool call parsing failed/i,
			/failed to parse input at pos/i,
			/failed to parse JSON: unexpected end/i,
		],
		kind: 'badAnswer',
	},
	{
		words: [
			/\bmodel (?:is )?not found/i,
			/model ['"`][^'"`]*['"`] (?:not found|does not exist)/i,
			/try pulling it first/i,
			/the model `[^`]*` does not exist/i,
			/model_not_found/i,
			/no such model/i,
			/no models? (?:is |are )?loaded/i,
			/could not load model/i,
		],
		kind: 'modelNotFound',
	},
	{
		words: [
			/server busy/i,
			/maximum pending requests/i,
			/overloaded/i,
			/no slot available/i,
			/queue (?:is )?full/i,
			/at capacity/i,
		],
		kind: 'overloaded',
	},
	{ words: [/rate limit/i, /too many requests/i, /\bquota\b/i], kind: 'rateLimited' },
	{ words: [/\bunsupported content/i], kind: 'invalidRequest' },
	{
		words: [
			/does not support/i,
			/not supported/i,
			/not a multimodal model/i,
			/not an? (?:embedding|re-?ranker|classifier|rerank) model/i,
			/requires --/i,
			/to be set$/i,
			/are not currently supported/i,
			/is not OAI compatible/i,
			/start it with `--/i,
		],
		kind: 'unsupported',
	},
	{
		words: [
			/failed to parse/i,
			/must be of type/i,
			/invalid (?:format|json schema|type|regex)/i,
			/unrecognized type/i,
			/parse error/i,
			/deserialize/i,
			/validation error/i,
		],
		kind: 'invalidRequest',
	},
];

const BY_STATUS: { readonly [status: number]: EngineErrorKind } = {
	400: 'invalidRequest',
	401: 'unauthorized',
	403: 'unauthorized',
	// Words about a model were looked for above: what is left is a route that this engine does not have.
	404: 'unsupported',
	405: 'unsupported',
	408: 'timeout',
	413: 'invalidRequest',
	415: 'invalidRequest',
	422: 'invalidRequest',
	429: 'rateLimited',
	501: 'unsupported',
	// Given by a proxy that does not reach the engine behind it.
	502: 'unreachable',
	504: 'unreachable',
	503: 'overloaded',
	// Dynamo since 1.3.
	529: 'overloaded',
};

/** The engine's own words in any of the shapes they come in (transcripts, finding 7); '' for an empty body. */
export function wordsOf(body: string): string {
	const json = asObject(parseJson(body));
	if (json === undefined) return body.trim();
	const error = json.error;
	// Ollama since 0.30 hands on what llama-server said as JSON within a string, on its OpenAI route too.
	const inner = asObject(parseJson(asString(error) ?? asString(asObject(error)?.message) ?? ''));
	if (inner !== undefined) return wordsOf(JSON.stringify(inner));
	const words =
		asString(asObject(error)?.message) ??
		asString(error) ??
		asString(json.message) ??
		asString(json.detail) ??
		validationWords(json.detail);
	return (words ?? body).trim();
}

/** FastAPI's list of what is wrong with a body (SGLang, NIM and whoever else is built on it). */
function validationWords(detail: unknown): string | undefined {
	const lines = asArray(detail)
		.filter(isObject)
		.map(({ loc, msg }) => `${asArray(loc).join('.')}: ${asString(msg) ?? 'is wrong'}`);
	return lines.length === 0 ? undefined : lines.join('; ');
}

/** The kind of an error answer, from the engine's words first and the status second. */
export function kindOf(status: number, words: string): EngineErrorKind {
	if (status === 401) return 'unauthorized';
	const rule = RULES.find(({ words: patterns }) => patterns.some((pattern) => pattern.test(words)));
	if (rule !== undefined) return rule.kind;
	// 503 without a word is a health route of a dead engine (vLLM), not a full queue.
	if (status === 503 && words === '') return 'server';
	return BY_STATUS[status] ?? (status >= 500 ? 'server' : status >= 400 ? 'invalidRequest' : 'badAnswer');
}

/** Turns an error answer (a status of 400 and up, or an error line inside a 200) into an EngineError. */
export function failureOfAnswer(head: AnswerHead, body: string, asked: Asked): EngineError {
	const words = redacted(wordsOf(body), asked);
	const kind = kindOf(head.status, words);
	return new EngineError(kind, advise(kind, asked, words, head.status), {
		engine: asked.engine,
		model: asked.model,
		status: head.status,
		engineMessage: words === '' ? undefined : words,
		retryAfterMs: retryAfterMs(head.headers?.['retry-after']),
		...(kind === 'contextExceeded' ? tokensOf(words) : {}),
	});
}

/** Turns whatever an exchange rejected with into an EngineError; `answering`: the answer had begun. */
export function failureOfTransport(thrown: unknown, asked: Asked, answering: boolean): EngineError {
	if (thrown instanceof EngineError) return thrown;
	const details = { engine: asked.engine, model: asked.model, cause: thrown };
	if (!(thrown instanceof TransportError)) {
		const words = redacted(messageOf(thrown), asked);
		return new EngineError('badAnswer', `The answer of ${asked.engine} could not be read: ${words}`, details);
	}
	const reason = redacted(reasonOf(thrown.cause), asked);
	switch (thrown.failure) {
		case 'connect':
			return new EngineError(
				'unreachable',
				`${advise('unreachable', asked, reason)}${hintFor(reason)}`,
				details,
			);
		case 'closed':
			return answering
				? new EngineError('interrupted', advise('interrupted', asked, reason), details)
				: new EngineError(
						'unreachable',
						`${asked.engine} closed the connection before it answered (${reason}). Is it restarting, or out of memory?`,
						details,
					);
		case 'tooLarge':
			return new EngineError(
				'badAnswer',
				`The answer of ${asked.engine} is larger than any answer to this should be.`,
				details,
			);
		case 'unreadTimeout':
			return new EngineError(
				'cancelled',
				`The answer of ${asked.engine} was not read any more, so it was stopped. Read answers as they come, or ask for a shorter one.`,
				details,
			);
		case 'cancelled':
			return new EngineError('cancelled', 'The call was cancelled.', details);
		case 'connectTimeout':
			return new EngineError('unreachable', TIMEOUTS.connectTimeout(asked), details);
		default:
			return new EngineError('timeout', TIMEOUTS[thrown.failure](asked, answering), details);
	}
}

/** What is behind the failures to connect that people meet most. */
const HINTS: ReadonlyArray<readonly [RegExp, string]> = [
	[
		/ECONNREFUSED ::1/,
		' The engine may listen on 127.0.0.1 only: enter http://127.0.0.1 instead of localhost.',
	],
	[
		/ENOTFOUND host\.docker\.internal/,
		' This container does not know host.docker.internal: start it with extra_hosts "host.docker.internal:host-gateway".',
	],
	[
		/ECONNREFUSED 127\./,
		' If n8n runs in Docker, 127.0.0.1 is its own container: use http://host.docker.internal, and let the engine listen on 0.0.0.0 (Ollama: OLLAMA_HOST=0.0.0.0).',
	],
	[
		/self[- ]signed certificate|unable to verify the first certificate|unable to get local issuer/i,
		' To trust its certificate, start n8n with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.',
	],
];

const hintFor = (reason: string): string => HINTS.find(([pattern]) => pattern.test(reason))?.[1] ?? '';

const TIMEOUTS = {
	connectTimeout: (asked: Asked) =>
		`No connection to ${asked.engine} (${asked.baseUrl}) within the connect deadline. Is the host up and the port right?`,
	firstTokenTimeout: (asked: Asked) =>
		`${asked.engine} sent no first token within its deadline. It may be loading a model, working off a queue, or hang; raise the first-token deadline if it is only slow.`,
	hangs: (asked: Asked) =>
		`${asked.engine} takes connections but answers nothing, not even the question for its health. It hangs: look at its log, and restart it.`,
	betweenTokensTimeout: (asked: Asked) =>
		`${asked.engine} fell silent in the middle of its answer for longer than the deadline between tokens.`,
	totalTimeout: (asked: Asked, answering: boolean) =>
		`The call was not over within its total deadline; ${asked.engine} ${answering ? 'was answering it' : 'had not begun to answer'}.`,
};

function redacted(text: string, asked: Asked): string {
	return (asked.redact?.(text) ?? text).slice(0, 2000);
}

function reasonOf(cause: unknown): string {
	if (cause instanceof AggregateError && cause.errors.length > 0) return messageOf(cause.errors[0]);
	return cause === undefined ? 'connection lost' : messageOf(cause);
}

/** Numbers in the engines' sentences: "request (2726 tokens) exceeds … (512 tokens)", "must have less than 256 tokens. Given: 702". */
function tokensOf(words: string): { promptTokens?: number; contextTokens?: number } {
	const first = (...patterns: readonly RegExp[]): number | undefined => {
		for (const pattern of patterns) {
			const match = pattern.exec(words);
			if (match?.[1] !== undefined) return Number(match[1]);
		}
		return undefined;
	};
	return {
		promptTokens: first(
			/(?:request|input|prompt) \((\d+) tokens\)/i,
			/Given: (\d+)/i,
			/at least (\d+) input tokens/i,
			/prompt (?:contains|length) \(?(\d+)/i,
			/\b(\d{1,12}) tokens from the input messages/i,
			/n_keep: (\d+)/i,
			/input length \((\d+) tokens\)/i,
			/keep the first (\d+) tokens/i,
		),
		contextTokens: first(
			/context size \((\d+) tokens/i,
			/less than (\d+) tokens/i,
			/max context size \((\d+)/i,
			/maximum context length (?:is|of) (\d+)/i,
			/batch size: (\d+)/i,
			/context length \((\d+)/i,
			/max_model_len=(\d+)/i,
			/n_ctx: (\d+)/i,
			/maximum allowed length \((\d+) tokens/i,
			/context length of only (\d+)/i,
		),
	};
}
