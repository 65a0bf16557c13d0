import { asObject, asString } from '../../support';
import type { ResponseFormat } from '../types/chat';
import type { Json, JsonObject } from '../wire/json';
import { openaiChat, openaiEmbed, openaiModels, openaiRerank } from '../wire/openai';
import { gbnfString, regexToGbnf } from '../wire/gbnf';
import { TAKES } from '../wire/extras';
import type { DialectSpec, PullState } from './dialect';

/** LocalAI: llama.cpp and other back ends behind OpenAI's protocol; grammars are llama.cpp's. */
export const localai: DialectSpec = {
	dialect: 'localai',
	label: 'LocalAI',
	takes: TAKES.localai,
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
		'transcribe',
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
			status: (job) => ({ method: 'GET', path: `/models/jobs/${encodeURIComponent(job)}` }),
			read: pullState,
		},
		unload: (model) => [{ method: 'POST', path: '/backend/shutdown', body: { model } }],
	},
};

/**
 * First `{ uuid, status: URL }`, then its job: `processed` when it is over, whatever came of it. `error` is a Go error, which
 * becomes an empty object in JSON; the words are in `message`.
 */
function pullState(answer: Json): PullState | undefined {
	const row = asObject(answer);
	const job = asString(row?.uuid);
	if (job !== undefined) return { job, status: 'waiting' };
	if (row === undefined || typeof row.processed !== 'boolean') return undefined;
	const words = asString(row.error) ?? asString(row.message);
	const broken =
		row.cancelled === true || (row.error !== undefined && row.error !== null && row.error !== '');
	return {
		status: asString(row.message) ?? 'downloading',
		...(typeof row.progress === 'number' ? { done: row.progress, total: 100 } : {}),
		...(broken ? { end: 'failed', words } : row.processed ? { end: 'finished' } : {}),
	};
}
