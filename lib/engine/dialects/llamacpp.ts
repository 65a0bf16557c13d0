import { asArray, asNumber, asObject, asString, isObject, type UnknownObject } from '../../support';
import type { ResponseFormat } from '../types/chat';
import type { Json, JsonObject } from '../wire/json';
import { gbnfString, regexToGbnf } from '../wire/gbnf';
import { openaiChat, openaiEmbed, openaiModels, openaiRerank, rowsOf } from '../wire/openai';
import { openaiChatBody } from '../wire/openaiChat';
import { plain } from '../wire/plain';
import { readVectors } from '../wire/vectors';
import { TAKES } from '../wire/extras';
import { EngineError } from '../errors';
import type { Ask, DialectSpec, TokenPiece } from './dialect';

const RERANK = openaiRerank('/v1/rerank');

const QUIRKS = {
	reasoningField: 'reasoning_content',
	reasoningSwitch: 'templateKwargs',
	format: llamaFormat,
} as const;

/**
 * The HTTP server of llama.cpp (`llama-server`). Always streamed to: an abandoned answer in one piece keeps its slot busy
 * while another client streams (transcripts, finding 4).
 */
export const llamacpp: DialectSpec = {
	dialect: 'llamacpp',
	label: 'llama.cpp',
	takes: TAKES.llamacpp,
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
		'load',
		'unload',
	]),
	chat: openaiChat(QUIRKS),
	// `dimensions` is ignored (finding 15): the client shortens.
	embed: openaiEmbed('base64', false),
	rerank: RERANK,
	tokenVectors: {
		// Works with `--pooling none`; unnormalised, one vector a token.
		vectors: (_model, text) => ({ method: 'POST', path: '/embedding', body: { content: text } }),
		vectorsAnswer: (json) => readVectors(asArray(asObject(asArray(json)[0])?.embedding)),
		tokens: (_model, text) => ({
			method: 'POST',
			path: '/tokenize',
			body: { content: text, add_special: true, with_pieces: true },
		}),
		tokensAnswer: readPieces,
	},
	models: (ask) =>
		openaiModels(ask, (row) => {
			const meta = asObject(row.meta);
			const status = asString(asObject(row.status)?.value);
			return {
				// Router mode lists models that are not in memory; the plain server holds its one model.
				loaded: status === undefined ? true : status === 'loaded',
				contextTokens: asNumber(meta?.n_ctx),
				maxContextTokens: asNumber(meta?.n_ctx_train),
				sizeBytes: asNumber(meta?.size),
				parameters: sizeWord(asNumber(meta?.n_params)),
				quantization: asString(meta?.ftype),
				aliases: furtherNames(row),
				dimensions: asNumber(meta?.n_embd),
			};
		}),
	healthyWhileBusy: true,
	health: { method: 'GET', path: '/health' },
	version: async (ask) => asString(asObject((await ask({ method: 'GET', path: '/props' })).json)?.build_info),
	queue: async (ask) => {
		const { json } = await ask({ method: 'GET', path: '/slots' });
		if (!Array.isArray(json)) return undefined;
		return { running: json.filter((slot) => asObject(slot)?.is_processing === true).length, waiting: 0 };
	},
	limits: async (ask) => ({ reranks: await reranks(ask) }),
	countTokens: async (ask: Ask, request, model) => {
		const body = openaiChatBody(request, model, QUIRKS);
		const prompt = await ask({
			method: 'POST',
			path: '/apply-template',
			body: { messages: body.messages, ...(body.tools === undefined ? {} : { tools: body.tools }) },
		});
		const text = asString(asObject(prompt.json)?.prompt);
		if (text === undefined) return undefined;
		const { json } = await ask({
			method: 'POST',
			path: '/tokenize',
			body: { content: text, add_special: true, parse_special: true },
		});
		const tokens = asObject(json)?.tokens;
		return Array.isArray(tokens) ? tokens.length : undefined;
	},
	operations: {
		// Router mode only; the plain server answers 404.
		load: (model) => ({ method: 'POST', path: '/models/load', body: { model } }),
		loadState: async (ask, model) => {
			const { json } = await ask({ method: 'GET', path: '/models' });
			const rows = rowsOf(json).map((row) => ({ id: row.id, status: asObject(row.status) }));
			const status = rows.find(({ id }) => id === model)?.status;
			if (status === undefined && rows.some((row) => row.status !== undefined)) return 'absent';
			if (status?.value === 'loaded') return 'loaded';
			return status?.failed === true ? 'failed' : 'loading';
		},
		unload: (model) => [{ method: 'POST', path: '/models/unload', body: { model } }],
	},
};

/** What OpenAI's protocol has no word for goes in as a GBNF grammar; a schema of a pattern does regular expressions. */
function llamaFormat(format: ResponseFormat): JsonObject | undefined {
	switch (format.type) {
		case 'grammar':
			return { grammar: format.grammar };
		case 'choice':
			return { grammar: `root ::= ${format.options.map(gbnfString).join(' | ')}` };
		case 'regex':
			return { grammar: `root ::= ${regexToGbnf(format.pattern)}` };
		case 'jsonSchema':
			return {
				response_format: {
					type: 'json_schema',
					json_schema: { name: format.name ?? 'answer', strict: true, schema: plain(format.schema) },
				},
			};
		case 'json':
			// Its own JSON mode is not enforced (b10488); a schema is.
			return llamaFormat({ type: 'jsonSchema', schema: { type: 'object' } });
	}
}

/**
 * Whether it runs a reranker: its list calls every model a chat model, and asked for embeddings a reranker sends numbers that
 * mean nothing. A server that was not started with `--reranking` refuses at once. Undefined where it does not say now.
 */
async function reranks(ask: Ask): Promise<boolean | undefined> {
	try {
		const { json } = await ask(RERANK.request('', 'a', ['a']));
		return json !== undefined && RERANK.answer(json)?.length === 1;
	} catch (error) {
		return error instanceof EngineError && error.status !== undefined ? false : undefined;
	}
}

function readPieces(json: Json): TokenPiece[] | undefined {
	const tokens = asObject(json)?.tokens;
	if (!Array.isArray(tokens)) return undefined;
	return tokens.filter(isObject).map(({ piece }) => {
		// A piece that is not valid UTF-8 on its own comes as its bytes.
		if (Array.isArray(piece))
			return { piece: Buffer.from(piece.filter((byte) => typeof byte === 'number')).toString('latin1') };
		return typeof piece === 'string' ? { piece } : {};
	});
}

function furtherNames({ id, aliases }: UnknownObject): string[] | undefined {
	const names = asArray(aliases).filter((name): name is string => typeof name === 'string' && name !== id);
	return names.length === 0 ? undefined : names;
}

function sizeWord(parameters: number | undefined): string | undefined {
	if (parameters === undefined) return undefined;
	const [unit, size] = parameters >= 1e9 ? ['B', 1e9] : parameters >= 1e6 ? ['M', 1e6] : ['K', 1e3];
	return `${(parameters / size).toFixed(parameters / size < 10 ? 1 : 0)}${unit}`;
}
