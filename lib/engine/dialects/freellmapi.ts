import { openaiChat, openaiEmbed, openaiModels } from '../wire/openai';
import { TAKES } from '../wire/extras';
import type { DialectSpec } from './dialect';

/** Fronts free tiers of cloud providers: whatever the address says, text that goes here leaves the own network. */
export const freellmapi: DialectSpec = {
	dialect: 'freellmapi',
	label: 'FreeLLMAPI',
	takes: TAKES.openai,
	alwaysRemote: true,
	can: new Set(['chat', 'embed', 'tools', 'toolChoice', 'json', 'stop']),
	chat: openaiChat({}),
	embed: openaiEmbed('float'),
	models: (ask) => openaiModels(ask),
	health: { method: 'GET', path: '/v1/models' },
};
