import { asArray, asNumber, asObject, asString, escapeRegExp } from '../../support';
import type { ResponseFormat } from '../types/chat';
import type { JsonObject } from '../wire/json';
import { openaiChat, openaiEmbed, openaiModels } from '../wire/openai';
import { TAKES } from '../wire/extras';
import type { DialectSpec } from './dialect';

/** NVIDIA's `trtllm-serve`. */
export const tensorrt: DialectSpec = {
	dialect: 'tensorrt',
	label: 'TensorRT-LLM',
	takes: TAKES.tensorrt,
	can: new Set([
		'chat',
		'embed',
		'tools',
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
		'queueFigures',
	]),
	chat: openaiChat({
		reasoningField: 'reasoning_content',
		reasoningSwitch: 'templateKwargs',
		format: tensorrtFormat,
	}),
	embed: openaiEmbed('float'),
	models: (ask) => openaiModels(ask, () => ({ loaded: true })),
	healthyWhileBusy: true,
	health: { method: 'GET', path: '/health' },
	version: async (ask) => asString(asObject((await ask({ method: 'GET', path: '/version' })).json)?.version),
	queue: async (ask) => {
		// A list of iteration statistics since the last look, newest last; empty while idle.
		const { json } = await ask({ method: 'GET', path: '/metrics' });
		const last = asObject(asArray(json).at(-1));
		const running = asNumber(last?.numActiveRequests);
		return running === undefined ? undefined : { running, waiting: asNumber(last?.numQueuedRequests) ?? 0 };
	},
};

/** `response_format` carries the other kinds here too. */
function tensorrtFormat(format: ResponseFormat): JsonObject | undefined {
	if (format.type === 'regex') return { response_format: { type: 'regex', regex: format.pattern } };
	if (format.type === 'grammar') return { response_format: { type: 'ebnf', ebnf: format.grammar } };
	if (format.type === 'choice') {
		return {
			response_format: {
				type: 'regex',
				regex: `(${format.options.map(escapeRegExp).join('|')})`,
			},
		};
	}
	return undefined;
}
