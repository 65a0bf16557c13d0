import { asArray, asNumber, asObject, asString, compact, escapeRegExp, isObject } from '../../support';
import type { ResponseFormat } from '../types/chat';
import type { JsonObject } from '../wire/json';
import { gauge, meanGauge, openaiChat, openaiEmbed, openaiModels, openaiRerank } from '../wire/openai';
import { TAKES } from '../wire/extras';
import type { DialectSpec } from './dialect';

/** It can hang for ever on a prompt that is too long (0.5.16): the first-token deadline ends that, as everywhere. */
export const sglang: DialectSpec = {
	dialect: 'sglang',
	label: 'SGLang',
	takes: TAKES.sglang,
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
		'queueFigures',
	]),
	chat: openaiChat({
		reasoningField: 'reasoning_content',
		reasoningSwitch: 'templateKwargs',
		format: sglangFormat,
	}),
	embed: openaiEmbed('float'),
	rerank: openaiRerank('/v1/rerank'),
	models: (ask) => openaiModels(ask, (row) => ({ loaded: true, contextTokens: asNumber(row.max_model_len) })),
	healthyWhileBusy: true,
	health: { method: 'GET', path: '/health' },
	version: async (ask) =>
		asString(asObject((await ask({ method: 'GET', path: '/server_info' })).json)?.version),
	queue: async (ask) => {
		const { json } = await ask({ method: 'GET', path: '/v1/loads' });
		// One row a data-parallel rank, in a list or under `loads`.
		const rows = asArray(Array.isArray(json) ? json : asObject(json)?.loads).filter(isObject);
		if (rows.length === 0) return undefined;
		const sum = (...names: readonly string[]): number =>
			rows.reduce(
				(total, row) =>
					total + (names.map((name) => asNumber(row[name])).find((value) => value !== undefined) ?? 0),
				0,
			);
		return { running: sum('num_running_reqs', 'num_reqs'), waiting: sum('num_waiting_reqs') };
	},
	// With `--enable-metrics`; its answers tell cached tokens only with `--enable-cache-report`.
	counters: async (ask) => {
		const { text } = await ask({ method: 'GET', path: '/metrics' });
		return compact({
			promptTokens: gauge(text, 'sglang:prompt_tokens_total'),
			// One line each for the memory of the device, of the host and of a store.
			cachedTokens: gauge(text, 'sglang:cached_tokens_total'),
			// 0 where there is no speculative decoding.
			draftAcceptance: meanGauge(text, 'sglang:spec_accept_rate') || undefined,
		});
	},
};

function sglangFormat(format: ResponseFormat): JsonObject | undefined {
	if (format.type === 'regex') return { regex: format.pattern };
	if (format.type === 'choice') return { regex: `(${format.options.map(escapeRegExp).join('|')})` };
	if (format.type === 'grammar') return { ebnf: format.grammar };
	return undefined;
}
