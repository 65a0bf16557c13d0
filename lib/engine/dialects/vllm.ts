import { asArray, asNumber, asObject, asString, compact } from '../../support';
import type { ResponseFormat } from '../types/chat';
import type { JsonObject } from '../wire/json';
import { gauge, openaiChat, openaiEmbed, openaiModels, openaiRerank } from '../wire/openai';
import { type ChatQuirks, openaiChatBody } from '../wire/openaiChat';
import { readVectors } from '../wire/vectors';
import { TAKES } from '../wire/extras';
import type { DialectSpec } from './dialect';

/** Regex, choice and grammar as vLLM has had them since 0.12 (`guided_*` is ignored by now: transcripts, finding 10). */
export function structuredOutputs(format: ResponseFormat): JsonObject | undefined {
	if (format.type === 'regex') return { structured_outputs: { regex: format.pattern } };
	if (format.type === 'choice') return { structured_outputs: { choice: [...format.options] } };
	if (format.type === 'grammar') return { structured_outputs: { grammar: format.grammar } };
	return undefined;
}

export const VLLM_QUIRKS: ChatQuirks = {
	reasoningField: 'reasoning',
	reasoningSwitch: 'templateKwargs',
	format: structuredOutputs,
};

export const vllm: DialectSpec = {
	dialect: 'vllm',
	label: 'vLLM',
	takes: TAKES.vllm,
	checksNames: true,
	can: new Set([
		'chat',
		'embed',
		'rerank',
		'tools',
		'toolChoice',
		'images',
		'imageUrls',
		'json',
		'jsonSchema',
		'regex',
		'choice',
		'grammar',
		'logprobs',
		'seed',
		'stop',
		'reasoningSwitch',
		'reasoningEffort',
		'tokenVectors',
		'countTokens',
		'queueFigures',
		'transcribe',
	]),
	chat: openaiChat(VLLM_QUIRKS),
	embed: openaiEmbed('base64'),
	rerank: openaiRerank('/v1/rerank'),
	tokenVectors: {
		vectors: (model, text) => ({
			method: 'POST',
			path: '/pooling',
			body: { model, input: text, task: 'token_embed', encoding_format: 'float' },
		}),
		vectorsAnswer: (json) => readVectors(asArray(asObject(asArray(asObject(json)?.data)[0])?.data)),
		tokens: (model, text) => ({
			method: 'POST',
			path: '/tokenize',
			body: { model, prompt: text, add_special_tokens: true, return_token_strs: true },
		}),
		tokensAnswer: (json) => {
			const pieces = asObject(json)?.token_strs;
			return Array.isArray(pieces) ? pieces.map((piece) => ({ piece: asString(piece) })) : undefined;
		},
	},
	models: (ask) => openaiModels(ask, (row) => ({ loaded: true, contextTokens: asNumber(row.max_model_len) })),
	healthyWhileBusy: true,
	health: { method: 'GET', path: '/health' },
	version: async (ask) => asString(asObject((await ask({ method: 'GET', path: '/version' })).json)?.version),
	queue: async (ask) => {
		const { text } = await ask({ method: 'GET', path: '/metrics' });
		const running = gauge(text, 'vllm:num_requests_running');
		return running === undefined
			? undefined
			: { running, waiting: gauge(text, 'vllm:num_requests_waiting') ?? 0 };
	},
	counters: async (ask) => {
		const { text } = await ask({ method: 'GET', path: '/metrics' });
		return compact({
			promptTokens: gauge(text, 'vllm:prefix_cache_queries_total'),
			cachedTokens: gauge(text, 'vllm:prefix_cache_hits_total'),
			draftTokens: gauge(text, 'vllm:spec_decode_num_draft_tokens_total'),
			acceptedDraftTokens: gauge(text, 'vllm:spec_decode_num_accepted_tokens_total'),
		});
	},
	countTokens: async (ask, request, model) => {
		const { messages, tools } = openaiChatBody(request, model, VLLM_QUIRKS);
		const { json } = await ask({
			method: 'POST',
			path: '/tokenize',
			body: { model, messages, ...(tools === undefined ? {} : { tools }) },
		});
		return asNumber(asObject(json)?.count);
	},
};
