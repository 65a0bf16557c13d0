import type { CallOptions, EngineHealth, ModelInfo } from '../engine';
import { GatewayError } from './errors';
import type { RouteContext } from './exchange';
import { messages } from './messages';
import { lazyCheck } from './schema';
import type { GatewayOptions } from './types';
import { WORKFLOW_ENGINE, type WorkflowModels } from './workflow';

type Engines = GatewayOptions['engines'];
type Aliases = ReadonlyMap<string, string>;

/** What models go by besides the engines' own names. */
interface OtherNames {
	readonly aliases: Aliases;
	readonly workflow?: WorkflowModels;
}

/** An answer in one JSON object. */
export interface JsonAnswer {
	readonly body: object;
	readonly engine?: string;
	/** Fields of the request that would have changed the answer and that were not used. */
	readonly ignored: readonly string[];
}

/** Fields of a request that are not known here, but for those that only label it. */
function unused(wire: object, known: readonly string[]): string[] {
	const harmless = ['user', 'metadata', 'encoding_format', ...known];
	return Object.entries(wire).flatMap(([field, value]) =>
		value === null || harmless.includes(field) ? [] : [field],
	);
}

interface WireEmbeddings {
	readonly model?: string | null;
	readonly input: string | readonly string[] | readonly number[] | ReadonlyArray<readonly number[]>;
	readonly encoding_format?: 'float' | 'base64' | null;
	readonly dimensions?: number | null;
}

const checkEmbeddings = lazyCheck<WireEmbeddings>({
	type: 'object',
	required: ['input'],
	properties: {
		model: { type: ['string', 'null'] },
		// 2,048 inputs: OpenAI's own bound, which its clients batch by.
		input: { type: ['string', 'array'], minItems: 1, maxItems: 2048 },
		encoding_format: { enum: ['float', 'base64', null] },
		dimensions: { type: ['integer', 'null'], minimum: 1 },
	},
});

/** `/embeddings` of OpenAI's API: texts in, vectors out as numbers or base64 of little-endian float32. */
export async function answerEmbeddings(
	body: object,
	engines: Engines,
	aliases: Aliases,
	{ log, call }: RouteContext,
): Promise<JsonAnswer> {
	const wire = checkEmbeddings(body);
	const { input, encoding_format: format, dimensions } = wire;
	const model = wire.model || undefined;
	const texts = typeof input === 'string' ? [input] : [...input];
	if (!texts.every((text) => typeof text === 'string'))
		throw new GatewayError(
			'invalidRequest',
			'"input" must be a text or a list of texts; token numbers are not read here. LangChain sends texts with check_embedding_ctx_length=False.',
			{
				param: 'input',
			},
		);
	log.add({ inputs: texts.length, ...(model === undefined ? {} : { requestedModel: model }) });
	const options = {
		...(model === undefined ? {} : { model: aliases.get(model) ?? model }),
		...(dimensions ? { dimensions } : {}),
	};
	const result = await engines.embed(texts, options, call);
	log.add({ engine: result.engine, model: result.model, attempts: result.attempts, usage: result.usage });
	const empty = result.flags.indexOf('empty');
	if (empty >= 0)
		throw new GatewayError('invalidRequest', `Text ${empty} of "input" holds nothing that can be embedded.`, {
			param: 'input',
		});
	const { promptTokens } = result.usage;
	const data = result.vectors.map((vector, index) => ({
		object: 'embedding',
		index,
		embedding: format === 'base64' ? toBase64(vector) : Array.from(vector),
	}));
	const used = { prompt_tokens: promptTokens, total_tokens: promptTokens };
	return {
		body: { object: 'list', data, model: result.model, usage: used },
		engine: result.engine,
		ignored: unused(wire, ['model', 'input', 'dimensions']),
	};
}

const toBase64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
	Buffer.from(buffer, byteOffset, byteLength).toString('base64');

interface WireRerank {
	readonly model?: string | null;
	readonly query: string;
	readonly documents: ReadonlyArray<string | { readonly text: string }>;
	readonly top_n?: number | null;
	readonly return_documents?: boolean | null;
}

const checkRerank = lazyCheck<WireRerank>({
	type: 'object',
	required: ['query', 'documents'],
	properties: {
		model: { type: ['string', 'null'] },
		query: { type: 'string', minLength: 1 },
		documents: {
			type: 'array',
			minItems: 1,
			maxItems: 1000,
			items: { type: ['string', 'object'], required: ['text'], properties: { text: { type: 'string' } } },
		},
		top_n: { type: ['integer', 'null'], minimum: 1 },
		return_documents: { type: ['boolean', 'null'] },
	},
});

/** `/rerank` as Jina, Cohere and vLLM have it. */
export async function answerRerank(
	body: object,
	engines: Engines,
	aliases: Aliases,
	{ log, call }: RouteContext,
): Promise<JsonAnswer> {
	const wire = checkRerank(body);
	const { query, documents, top_n: topN, return_documents: withDocuments } = wire;
	const model = wire.model || undefined;
	const texts = documents.map((document) => (typeof document === 'string' ? document : document.text));
	log.add({ inputs: texts.length, ...(model === undefined ? {} : { requestedModel: model }) });
	const options = {
		...(model === undefined ? {} : { model: aliases.get(model) ?? model }),
		...(topN ? { topN } : {}),
	};
	const results = await engines.rerank(query, texts, options, call);
	const engine = results[0]?.engine;
	log.add({ ...(engine === undefined ? {} : { engine }), ...(model === undefined ? {} : { model }) });
	const rows = results.map(({ index, score }) => ({
		index,
		relevance_score: score,
		...(withDocuments ? { document: { text: texts[index] } } : {}),
	}));
	return {
		body: { id: log.id, model: model ?? '', results: rows },
		engine,
		ignored: unused(wire, ['model', 'query', 'documents', 'top_n', 'return_documents']),
	};
}

/** `/messages/count_tokens` of Anthropic's API: as the engine counts them, else estimated. */
export async function answerCountTokens(
	body: object,
	engines: Engines,
	{ aliases, workflow }: OtherNames,
	call: CallOptions,
): Promise<object> {
	const { request } = messages.parse(body);
	const model = request.model === undefined ? undefined : (aliases.get(request.model) ?? request.model);
	if (workflow?.has(model) === true) return { input_tokens: workflow.countTokens(request) };
	return { input_tokens: await engines.countTokens({ ...request, model }, call) };
}

/** `/models`: what the engines hold, the aliases that lead there, and the workflow's; with `id`, that one. */
export async function answerModels(
	id: string | undefined,
	engines: Engines,
	{ aliases, workflow }: OtherNames,
	call: CallOptions,
): Promise<object> {
	const ofWorkflow = workflow?.models ?? [];
	const models = await engines.models(call).catch((error: unknown) => {
		// A workflow answers also while no engine does.
		if (ofWorkflow.length === 0) throw error;
		return [];
	});
	const listed = new Map(models.map((model) => [model.id, toModel(model.id, model)]));
	for (const [alias, target] of aliases) {
		const model = models.find((candidate) => candidate.id === target);
		listed.set(alias, toModel(alias, model));
	}
	for (const name of ofWorkflow) listed.set(name, { ...toModel(name, undefined), owned_by: WORKFLOW_ENGINE });
	if (id === undefined) {
		const ids = [...listed.keys()];
		// The last three are how Anthropic's clients know that there are no further pages.
		return {
			object: 'list',
			data: [...listed.values()],
			first_id: ids[0] ?? null,
			last_id: ids.at(-1) ?? null,
			has_more: false,
		};
	}
	const found = listed.get(id) ?? listed.get(`${id}:latest`);
	if (!found)
		throw new GatewayError('notFound', `No engine holds the model "${id.slice(0, 200)}".`, {
			param: 'model',
		});
	return found;
}

function toModel(id: string, model: ModelInfo | undefined): object {
	return {
		id,
		object: 'model',
		// For Open WebUI.
		name: id,
		// When a model was made is known nowhere; clients want a number.
		created: 0,
		// For the clients of Anthropic.
		type: 'model',
		display_name: id,
		created_at: '1970-01-01T00:00:00Z',
		owned_by: model?.engine ?? 'gateway',
		...(model?.contextTokens === undefined
			? {}
			: // The first is read by LibreChat, the second by Anthropic's clients.
				{ context_length: model.contextTokens, max_input_tokens: model.contextTokens }),
	};
}

/** `/health`: for load balancers; `engines` only for callers that were let in, without addresses. */
export function toHealth(engines: readonly EngineHealth[] | undefined): object {
	return {
		status: 'ok',
		...(engines
			? {
					engines: engines.map(({ engine, dialect, status, version, inFlight, waiting, message }) => ({
						engine,
						dialect,
						status,
						...(version === undefined ? {} : { version }),
						inFlight,
						waiting,
						...(message === undefined ? {} : { message }),
					})),
				}
			: {}),
	};
}
