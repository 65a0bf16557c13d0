import { asArray, asNumber, asObject, asString, compact, isObject } from '../../support';
import type { Json } from '../wire/json';
import { readScores, readVectors } from '../wire/vectors';
import type { Ask, DialectSpec, TokenPiece } from './dialect';

/** Default of its `--max-client-batch-size`, for when /info cannot be read. */
const DEFAULT_BATCH = 32;

/**
 * Hugging Face text-embeddings-inference: embeddings or reranking, one model. By its native routes, because /v1/embeddings
 * always cuts long texts without a word (transcripts, finding 6).
 */
export const tei: DialectSpec = {
	dialect: 'tei',
	label: 'Hugging Face TEI',
	can: new Set(['embed', 'rerank', 'tokenVectors']),
	embed: {
		request: (_model, texts, { dimensions }) => ({
			method: 'POST',
			path: '/embed',
			body: { inputs: texts, truncate: false, ...(dimensions === undefined ? {} : { dimensions }) },
		}),
		answer: (json) => {
			if (!Array.isArray(json)) return undefined;
			const vectors = readVectors(json);
			return vectors && { vectors, promptTokens: 0 };
		},
	},
	rerank: {
		request: (_model, query, documents) => ({
			method: 'POST',
			path: '/rerank',
			body: { query, texts: documents, truncate: true },
		}),
		answer: readScores,
	},
	tokenVectors: {
		vectors: (_model, text) => ({
			method: 'POST',
			path: '/embed_all',
			body: { inputs: text, truncate: false },
		}),
		vectorsAnswer: (json) => readVectors(asArray(asArray(json)[0])),
		tokens: (_model, text) => ({
			method: 'POST',
			path: '/tokenize',
			body: { inputs: text, add_special_tokens: true },
		}),
		tokensAnswer: readTokens,
	},
	models: async (ask) => {
		const info = asObject((await ask({ method: 'GET', path: '/info' })).json);
		const kind = asObject(info?.model_type);
		return [
			compact({
				id: asString(info?.model_id) ?? '',
				loaded: true,
				contextTokens: asNumber(info?.max_input_length),
				capabilities:
					kind?.embedding !== undefined
						? ['embedding']
						: kind?.reranker !== undefined
							? ['rerank']
							: undefined,
			}),
		];
	},
	healthyWhileBusy: true,
	health: { method: 'GET', path: '/health' },
	version: async (ask) => asString(asObject((await ask({ method: 'GET', path: '/info' })).json)?.version),
	limits,
};

/**
 * A batch takes one permit a text: more texts than `max_concurrent_requests` get 429 even from an idle server, for ever
 * (finding 3).
 */
async function limits(ask: Ask): Promise<{ batch: number; inputTokens?: number }> {
	const info = asObject((await ask({ method: 'GET', path: '/info' })).json);
	const batch = Math.min(
		asNumber(info?.max_client_batch_size) ?? DEFAULT_BATCH,
		asNumber(info?.max_concurrent_requests) ?? DEFAULT_BATCH,
	);
	return compact({ batch: Math.max(1, batch), inputTokens: asNumber(info?.max_input_length) });
}

/** Offsets are UTF-8 bytes, null for special tokens. */
function readTokens(json: Json): TokenPiece[] | undefined {
	const tokens = asArray(json)[0];
	if (!Array.isArray(tokens)) return undefined;
	return tokens.filter(isObject).map((token) => {
		const start = asNumber(token.start);
		const end = asNumber(token.stop);
		return compact({
			piece: asString(token.text),
			special: token.special === true,
			bytes: start === undefined || end === undefined ? undefined : { start, end },
		});
	});
}
