import { asArray, asObject, asString, compact, isObject, type UnknownObject } from '../../support';
import type { Ask, DialectSpec, EmbedWire, RerankWire } from '../dialects/dialect';
import { EngineError } from '../errors';
import type { ModelInfo } from '../types/operations';
import { type ChatQuirks, openaiChatBody, openaiChatReader } from './openaiChat';
import { readOpenaiVectors, readScores } from './vectors';

/** The parts that most engines share because they speak OpenAI's protocol; a dialect takes them and says where it differs. */
export function openaiChat(quirks: ChatQuirks): NonNullable<DialectSpec['chat']> {
	return {
		request: (request, model) => ({
			method: 'POST',
			path: '/v1/chat/completions',
			body: openaiChatBody(request, model, quirks),
		}),
		reader: openaiChatReader,
	};
}

/** `encoding`: base64 is a third of the bytes and a tenth of the parsing of decimal numbers; not every engine has it. */
export function openaiEmbed(encoding: 'float' | 'base64', dimensions = true): EmbedWire {
	return {
		base64: encoding === 'base64',
		request: (model, texts, options) => ({
			method: 'POST',
			path: '/v1/embeddings',
			body: {
				...(model === '' ? {} : { model }),
				input: texts,
				encoding_format: encoding,
				...(options.dimensions === undefined || !dimensions ? {} : { dimensions: options.dimensions }),
			},
		}),
		answer: readOpenaiVectors,
	};
}

/** Cohere's and Jina's `/v1/rerank`, as llama.cpp, vLLM, SGLang, LocalAI and NIM have it. */
export function openaiRerank(path: string): RerankWire {
	return {
		request: (model, query, documents) => ({
			method: 'POST',
			path,
			body: { ...(model === '' ? {} : { model }), query, documents, top_n: documents.length },
		}),
		answer: readScores,
	};
}

/** `GET /v1/models`; `more` picks what an engine adds to OpenAI's fields. */
export async function openaiModels(
	ask: Ask,
	more: (row: UnknownObject) => Partial<ModelInfo> = () => ({}),
): Promise<Omit<ModelInfo, 'engine'>[]> {
	const { json } = await ask({ method: 'GET', path: '/v1/models' });
	const rows = rowsOf(json);
	return rows
		.map((row) => ({ id: asString(row.id) ?? '', ...compact(more(row)) }))
		.filter(({ id }) => id !== '');
}

export function rowsOf(json: unknown): UnknownObject[] {
	const data = asObject(json)?.data;
	if (!Array.isArray(data)) {
		throw new EngineError(
			'badAnswer',
			'GET /v1/models did not answer with a list of models. Is the base URL right?',
		);
	}
	return asArray(data).filter(isObject);
}

/** The sum of a Prometheus gauge over its labels, or undefined when the page does not have it. */
export function gauge(page: string, ...names: readonly string[]): number | undefined {
	for (const name of names) {
		const values = samples(page, name);
		if (values.length > 0) return values.reduce((sum, value) => sum + value, 0);
	}
	return undefined;
}

/** The mean of a Prometheus gauge over its labels: of a share, which each rank tells for itself. */
export function meanGauge(page: string, name: string): number | undefined {
	const values = samples(page, name);
	return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function samples(page: string, name: string): number[] {
	return page.split('\n').flatMap((line) => {
		if (!line.startsWith(name)) return [];
		const after = line.charAt(name.length);
		if (after !== '{' && after !== ' ') return [];
		const value = Number(line.slice(line.lastIndexOf(' ') + 1));
		return Number.isFinite(value) ? [value] : [];
	});
}
