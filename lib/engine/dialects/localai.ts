import type { ResponseFormat } from '../types';
import { asNumber, asObject, asString, type Json, type JsonObject } from '../wire/json';
import { openaiChat, openaiEmbed, openaiModels, openaiRerank } from '../wire/openai';
import { gbnfString, regexToGbnf } from '../wire/gbnf';
import type { DialectSpec } from './dialect';

/** LocalAI: llama.cpp and other back ends behind OpenAI's protocol; grammars are llama.cpp's. */
export const localai: DialectSpec = {
	dialect: 'localai',
	label: 'LocalAI',
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
		'seed',
		'stop',
		'pull',
		'unload',
	]),
	chat: openaiChat({
		reasoningField: 'reasoning_content',
		format: (format: ResponseFormat): JsonObject | undefined => {
			if (format.type === 'grammar') return { grammar: format.grammar };
			if (format.type === 'choice')
				return { grammar: `root ::= ${format.options.map(gbnfString).join(' | ')}` };
			if (format.type === 'regex') return { grammar: `root ::= ${regexToGbnf(format.pattern)}` };
			return undefined;
		},
	}),
	embed: openaiEmbed('float', false),
	rerank: openaiRerank('/v1/rerank'),
	models: (ask) => openaiModels(ask),
	health: { method: 'GET', path: '/readyz' },
	version: async (ask) => asString(asObject((await ask({ method: 'GET', path: '/version' })).json)?.version),
	operations: {
		pull: {
			request: (model) => ({ method: 'POST', path: '/models/apply', body: { id: model } }),
			progress: (line: Json) => {
				const row = asObject(line);
				const error = asString(row?.error);
				if (error !== undefined && error !== '') return { error };
				const done = asNumber(row?.progress);
				return {
					status: asString(row?.message) ?? asString(row?.status) ?? 'downloading in the background',
					...(done === undefined ? {} : { done, total: 100 }),
				};
			},
			// It answers with a job and goes on by itself.
			finished: (line: Json) =>
				asString(asObject(line)?.uuid) !== undefined || asObject(line)?.processed === true,
		},
		unload: (model) => ({ method: 'POST', path: '/backend/shutdown', body: { model } }),
	},
};
