import { openaiChat, openaiEmbed, openaiModels, openaiRerank } from '../wire/openai';
import { TAKES } from '../wire/extras';
import type { DialectSpec } from './dialect';

/** Any server that speaks OpenAI's protocol and is none of the known ones: only what that protocol has. */
export const openai: DialectSpec = {
	dialect: 'openai',
	label: 'OpenAI-compatible engine',
	takes: TAKES.openai,
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
		'logprobs',
		'seed',
		'stop',
		'reasoningEffort',
		'reasoningSwitch',
		'transcribe',
	]),
	chat: openaiChat({ reasoningField: 'reasoning_content', reasoningSwitch: 'effort' }),
	embed: openaiEmbed('float'),
	rerank: openaiRerank('/v1/rerank'),
	models: (ask) => openaiModels(ask),
	health: { method: 'GET', path: '/v1/models' },
};
