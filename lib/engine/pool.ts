import { jsonProblem, toUnit } from '../support';
import { ChatStream } from './stream/chatStream';
import { completeBuiltin, builtinMayAnswer } from './builtinTier';
import { type ChatListener, runChat } from './chat';
import { classify } from './classify';
import { countTokens } from './countTokens';
import { runEmbed } from './embedding/embed';
import { runTokenVectors } from './embedding/tokenVectors';
import { EngineError } from './errors';
import { extract } from './extract';
import type { Counters } from './dialects/dialect';
import { engineHealth } from './health';
import { detectAt } from './localEngines';
import { measure } from './measure/measure';
import { loadModel, unloadModel } from './operations/load';
import { pullModel } from './operations/pull';
import { BUILTIN_NAME, runRerank } from './rerank';
import { withNames } from './addressNames';
import { Bell } from './routing/bell';
import { Engine } from './routing/engine';
import { DEADLINES } from './routing/deadlines';
import type { Routes } from './routing/job';
import { Slots } from './routing/slots';
import { transcribe } from './transcribe';
import type { EngineAddress } from './types/address';
import type { ChatEvent, ChatRequest, ChatResult } from './types/chat';
import type { MeasureEvent, MeasureOptions } from './types/measure';
import type { JsonSchema } from './types/messages';
import type { Detection, EngineHealth, ModelInfo, OperationProgress } from './types/operations';
import type { CallOptions, Engines, PoolOptions } from './types/pool';
import type { Recording, TranscribeOptions, Transcription } from './types/speech';
import type { ClassifyRequest, ClassifyResult, ExtractOptions, ExtractResult } from './types/structured';
import type { EmbedOptions, EmbedResult, RerankOptions, RerankResult, TokenVectors } from './types/vectors';

const MAX_WAITING = 1_000;

/**
 * One client for every engine. Holds connections, breakers, queues and what was learned about the engines: make one for a
 * set of engines, use it from everywhere, close it at the end.
 *
 * @example
 * const pool = new EnginePool([{ dialect: 'auto', baseUrl: 'http://127.0.0.1:11434' }]);
 * const { text } = await pool.complete({ messages: [{ role: 'user', content: 'Hello' }] });
 */
export class EnginePool implements Engines {
	private readonly routes: Routes;
	private closed = false;

	/** @throws EngineError `invalidRequest` for an address that is none, or two engines of one name. */
	constructor(
		addresses: readonly EngineAddress[],
		private readonly options: PoolOptions = {},
	) {
		const connectMs = options.deadlines?.connectMs ?? DEADLINES.connectMs;
		const recovered = new Bell();
		const onRecovered = (): void => recovered.ring();
		// The built-in tier needs no address: it is always there, and always last.
		const engines = withNames(addresses.filter(({ dialect }) => dialect !== 'builtin')).map(
			(address) => new Engine(address, { ...options, connectMs, onRecovered }),
		);
		const slots = new Slots(options.maxWaiting ?? MAX_WAITING);
		this.routes = { engines, options, slots, recovered, turn: 0 };
	}

	/** Names of the engines, in the order they were given. */
	get engines(): readonly string[] {
		return this.routes.engines.map(({ name }) => name);
	}

	get places(): number | undefined {
		const places = this.routes.engines.map(({ address }) => address.maxConcurrency);
		const known = places.filter((each) => each !== undefined);
		return known.length === 0 || known.length < places.length
			? undefined
			: known.reduce((sum, each) => sum + each, 0);
	}

	/**
	 * Streams an answer. Another engine may take over until the first piece; afterwards a failure ends the stream with
	 * `interrupted` and the partial text. Stop reading (or abort) to stop the engine.
	 */
	chat(request: ChatRequest, call: CallOptions = {}): AsyncIterableIterator<ChatEvent, undefined> {
		return new ChatStream(
			(listener, signal) => this.answer(request, { ...call, signal }, listener),
			call.signal,
		);
	}

	/** The whole answer. Streamed from the engine all the same; a broken one is started again on another engine. */
	complete(request: ChatRequest, call: CallOptions = {}): Promise<ChatResult> {
		return this.answer(request, call);
	}

	/** One JSON value that keeps to a schema; see extract.ts. */
	extract<T>(
		request: ChatRequest & { readonly schema: JsonSchema } & ExtractOptions,
		call: CallOptions = {},
	): Promise<ExtractResult<T>> {
		return extract<T>((chat, options) => this.answer(chat, options), request, call);
	}

	/** One of the given classes, or none of them; see classify.ts. */
	classify(request: ClassifyRequest, call: CallOptions = {}): Promise<ClassifyResult> {
		return classify((chat, options) => this.answer(chat, options), request, call);
	}

	/**
	 * Unit vectors in the order of the texts. Several engines serve one call only if they make the same vectors; the
	 * built-in model serves only where no engine can embed at all.
	 */
	async embed(
		texts: readonly string[],
		options: EmbedOptions = {},
		call: CallOptions = {},
	): Promise<EmbedResult> {
		this.checkOpen();
		checkRequest({ texts, options });
		const { builtin } = this.options;
		const able = this.routes.engines.some((engine) => engine.known?.can.has('embed') ?? true);
		if (able || builtin?.embed === undefined) {
			return await runEmbed(texts, { routes: this.routes, options, call });
		}
		const prefix = options.prefix ?? '';
		const vectors = await builtin.embed(
			texts.map((text) => prefix + text),
			call,
		);
		const cut =
			options.dimensions === undefined
				? vectors
				: vectors.map((vector) => toUnit(vector.slice(0, options.dimensions)));
		return {
			vectors: cut,
			flags: texts.map((text) => (text.trim() === '' ? 'empty' : undefined)),
			model: builtin.embedModel ?? BUILTIN_NAME,
			engine: BUILTIN_NAME,
			dimensions: cut[0]?.length ?? 0,
			usage: { promptTokens: 0 },
			attempts: [],
		};
	}

	/** A vector for each token with its place in the text, for late chunking. */
	async tokenVectors(
		text: string,
		options: { readonly model?: string } = {},
		call: CallOptions = {},
	): Promise<TokenVectors> {
		this.checkOpen();
		return await runTokenVectors(this.routes, text, options.model, call);
	}

	/** Documents by how well they fit the query, best first. */
	async rerank(
		query: string,
		documents: readonly string[],
		options: RerankOptions = {},
		call: CallOptions = {},
	): Promise<RerankResult[]> {
		this.checkOpen();
		checkRequest({ query, documents, options });
		return await runRerank(this.routes, query, documents, options, call, this.options.builtin?.rerank);
	}

	/** What is said in a recording; see transcribe.ts. */
	async transcribe(
		recording: Recording,
		options: TranscribeOptions,
		call: CallOptions = {},
	): Promise<Transcription> {
		this.checkOpen();
		return await transcribe(this.routes, recording, options, call);
	}

	/** Tokens of a prompt as the engine that would answer it counts them; estimated where no engine can count. */
	async countTokens(request: ChatRequest, call: CallOptions = {}): Promise<number> {
		this.checkOpen();
		checkRequest(request);
		return await countTokens(this.routes, request, call);
	}

	/** What all reachable engines hold. Throws only when none of them could be asked. */
	async models(call: CallOptions = {}): Promise<ModelInfo[]> {
		this.checkOpen();
		const engines = this.chosen(call);
		const lists = await Promise.allSettled(engines.map((engine) => engine.models(true)));
		const failed = lists.find((list) => list.status === 'rejected');
		if (failed !== undefined && lists.every((list) => list.status === 'rejected')) throw failed.reason;
		const models = lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []));
		return call.allowRemote === false ? models.filter(({ remote }) => remote !== true) : models;
	}

	/** How each engine is; never throws for an engine that is down. */
	async health(call: CallOptions = {}): Promise<EngineHealth[]> {
		this.checkOpen();
		return await Promise.all(
			this.chosen(call).map((engine) => engineHealth(engine, this.routes.slots, call)),
		);
	}

	/** What kind of engine answers at an address, which version, and which models, within about two seconds. */
	async detect(
		baseUrl: string,
		options: { readonly apiKey?: string; readonly headers?: { readonly [name: string]: string } } = {},
	): Promise<Detection> {
		const { checkUrl, lookup } = this.options;
		return await detectAt({ baseUrl, ...options, checkUrl, lookup });
	}

	/** Has an engine download a model (Ollama, LM Studio, LocalAI); see operations/pull.ts for what stopping does. */
	pull(engine: string, model: string, call: CallOptions = {}): AsyncIterable<OperationProgress> {
		return pullModel(this.named(engine), model, call);
	}

	/** Loads a model into an engine's memory (Ollama, LM Studio, llama.cpp as a router). */
	async load(
		engine: string,
		model: string,
		options: { readonly keepAlive?: string; readonly contextSize?: number } = {},
		call: CallOptions = {},
	): Promise<void> {
		await loadModel(this.named(engine), model, options, call);
	}

	/** Frees an engine's memory of a model. */
	async unload(engine: string, model: string, call: CallOptions = {}): Promise<void> {
		await unloadModel(this.named(engine), model, call);
	}

	/** A bounded load sweep over one engine; see measure/measure.ts. */
	measure(options: MeasureOptions, call: CallOptions = {}): AsyncIterable<MeasureEvent> {
		const name = options.engine ?? this.engines[0];
		if (name === undefined)
			throw new EngineError('unsupported', 'No engine is configured that could be measured.');
		const engine = this.named(name);
		// A help: an engine that does not tell its counters is measured without them.
		const counters = (): Promise<Counters | undefined> =>
			engine.known?.counters?.(engine.ask).catch(() => undefined) ?? Promise.resolve(undefined);
		return measure(
			(request, inner) => runChat(this.routes, request, inner),
			engine.name,
			options,
			call,
			counters,
		);
	}

	/** Ends all connections; calls in flight fail. */
	async close(): Promise<void> {
		this.closed = true;
		await Promise.all(this.routes.engines.map((engine) => engine.close()));
	}

	private async answer(
		request: ChatRequest,
		call: CallOptions,
		listener?: ChatListener,
	): Promise<ChatResult> {
		this.checkOpen();
		checkRequest(request);
		const { builtin } = this.options;
		const startedAt = performance.now();
		let result: ChatResult;
		try {
			if (
				this.routes.engines.length > 0 ||
				builtin === undefined ||
				!builtinMayAnswer(builtin, request, undefined)
			) {
				return await runChat(this.routes, request, call, listener);
			}
			result = await completeBuiltin(builtin, request, call, [], startedAt);
		} catch (error) {
			const handedOn = error instanceof EngineError && listener !== undefined && error.partial !== undefined;
			if (builtin === undefined || handedOn || !builtinMayAnswer(builtin, request, error)) throw error;
			result = await completeBuiltin(
				builtin,
				request,
				call,
				error instanceof EngineError ? error.attempts : [],
				startedAt,
			);
		}
		listener?.chosen({ name: result.engine }, result.model, result.attempts);
		listener?.text(result.text);
		return result;
	}

	private chosen(call: CallOptions): readonly Engine[] {
		// Lists may name remote engines (no text leaves the network), unless the caller wants what it may use.
		return this.routes.engines.filter(
			({ name, remote }) => (call.engines?.includes(name) ?? true) && !(remote && call.allowRemote === false),
		);
	}

	private named(name: string): Engine {
		this.checkOpen();
		const engine = this.routes.engines.find((one) => one.name === name);
		if (engine === undefined)
			throw new EngineError(
				'invalidRequest',
				`There is no engine named "${name}". There are: ${this.engines.join(', ')}.`,
			);
		return engine;
	}

	private checkOpen(): void {
		if (this.closed) throw new EngineError('cancelled', 'This pool of engines was closed.');
	}
}

/** What cannot be written as JSON is refused before an engine is chosen: it is the caller's fault, and no engine's. */
function checkRequest(request: object): void {
	const problem = jsonProblem(request);
	if (problem !== undefined) throw new EngineError('invalidRequest', `The request ${problem}.`);
}
