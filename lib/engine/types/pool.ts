import type { LookupFunction } from 'node:net';
import type { Attempt } from '../errors';
import type { ChatEvent, ChatRequest, ChatResult, Passage, PassageQuote } from './chat';
import type { MeasureEvent, MeasureOptions } from './measure';
import type { JsonSchema } from './messages';
import type { Detection, EngineHealth, ModelInfo, OperationProgress } from './operations';
import type { Recording, TranscribeOptions, Transcription } from './speech';
import type { ClassifyRequest, ClassifyResult, ExtractOptions, ExtractResult } from './structured';
import type {
	DocumentScore,
	EmbedOptions,
	EmbedResult,
	RerankOptions,
	RerankResult,
	TokenVectors,
} from './vectors';

export interface Deadlines {
	/** Until a connection stands. Default 5,000 ms. */
	readonly connectMs?: number;
	/** From sending to the first token (queue and prompt of the engine included). Default 180,000 ms. */
	readonly firstTokenMs?: number;
	/**
	 * Silence before the first token after which an engine is asked for its health, where another one could take the call:
	 * one that does not answer that gets no further calls, and after three such questions the call goes on to another.
	 * Default 5,000 ms.
	 */
	readonly silentMs?: number;
	/** Silence between tokens; comment pings do not count as tokens. Default 60,000 ms. */
	readonly betweenTokensMs?: number;
	/** How long an answer may wait to be read before the engine is released. Default 60,000 ms; at most 5,000 while others wait for the engine. */
	readonly unreadMs?: number;
	/** The whole call with all its attempts. Default 900,000 ms. */
	readonly totalMs?: number;
	/** In our own queue in front of an engine's `maxConcurrency`. Default 120,000 ms. */
	readonly queueMs?: number;
}

export interface CallOptions {
	/** Ends the call at once (`cancelled`) and cancels what runs on the engine. */
	readonly signal?: AbortSignal;
	readonly deadlines?: Deadlines;
	/** May engines marked `remote` be used? Default false. */
	readonly allowRemote?: boolean;
	/** Only these engines (by name). */
	readonly engines?: readonly string[];
	/** Who asks, in any words: the places of a busy engine go round among callers. Those who do not say are one. */
	readonly caller?: string;
	/** Told of every try as it ends. */
	readonly onAttempt?: (attempt: Attempt) => void;
}

export interface BuiltinAnswer {
	readonly text: string;
	/** Positions of the passages it cites. */
	readonly cited: readonly number[];
	/** What was quoted, in the order of the answer. */
	readonly quotes: readonly PassageQuote[];
	readonly found: boolean;
}

/** What can be done without an engine; handed in by the caller. Each part is optional. */
export interface BuiltinTier {
	/** Answers from passages alone. */
	readonly answer?: (
		passages: readonly Passage[],
		question: string,
		call?: {
			readonly signal?: AbortSignal;
			readonly onlyWhenSure?: boolean;
			readonly memoryScope?: string;
		},
	) => Promise<BuiltinAnswer>;
	/** Unit vectors (a zero vector where no word is known). Used for `embed` only when no engine can embed at all. */
	readonly embed?: (
		texts: readonly string[],
		call?: { readonly signal?: AbortSignal },
	) => Promise<readonly Float32Array[]>;
	readonly embedModel?: string;
	readonly embedDimensions?: number;
	/** A score for each document. Used for `rerank` only when no engine can rerank at all. */
	readonly rerank?: (
		query: string,
		documents: readonly string[],
		call?: { readonly signal?: AbortSignal },
	) => Promise<readonly DocumentScore[]>;
}

/** An engine as an agreement sees it. */
export interface EmbeddingNode {
	readonly name: string;
	/** Goes up each time the engine was away. */
	readonly generation: number;
}

/** Keeps vectors of different models apart where several engines embed for one another; `lib/embedding` makes one. */
export interface EmbeddingAgreement {
	/**
	 * Called before an engine embeds.
	 *
	 * @param key what is embedded with: calls of one key must get vectors of one model
	 * @returns a number that stays the same as long as it is the same model
	 * @throws EngineError `unsupported` when the engine's vectors are not those of the engine that came first
	 */
	check(
		key: string,
		engine: EmbeddingNode,
		model: string,
		embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>,
	): Promise<number>;
}

export interface PoolOptions {
	readonly deadlines?: Deadlines;
	readonly allowRemote?: boolean;
	readonly builtin?: BuiltinTier;
	/** Absent: engines are believed to run the models they name. */
	readonly agreement?: EmbeddingAgreement;
	/** Egress filter: called for each URL before it is asked, and for each redirect; throws to refuse. */
	readonly checkUrl?: (url: URL) => void | Promise<void>;
	/** Replaces DNS look-up when connecting, so that the address that was checked is the one that is used. */
	readonly lookup?: LookupFunction;
	/** Calls waiting for a free slot at once, in the whole pool. Default 1,000; the next one fails `overloaded`. */
	readonly maxWaiting?: number;
	/** How often the round of all engines is repeated after transient failures. Default 2. */
	readonly rounds?: number;
	/** Consecutive failures of one model that open its breaker on an engine. Default 3. One failed connection opens the engine's. */
	readonly breakerThreshold?: number;
	/** Pause before a model that fails is asked a small question; doubles up to 10 s. Default 1,000 ms. */
	readonly breakerPauseMs?: number;
	/** How long a call waits altogether while every engine is away. Default 15,000 ms. */
	readonly patienceMs?: number;
	/**
	 * Names of requests → models that may answer them, in this order. Only here another model than the one asked for may
	 * answer; the answer tells which one did.
	 */
	readonly fallbacks?: { readonly [name: string]: readonly string[] };
	/** How much busier the engine that holds a prompt's prefix may be before another is taken. Default 4 requests. */
	readonly affinityImbalance?: number;
}

/** What `EnginePool` offers; other modules and the nodes may depend on this alone. */
export interface Engines {
	/** Requests that the engines take at once, where each says so (`maxConcurrency`). */
	readonly places?: number;
	chat(request: ChatRequest, call?: CallOptions): AsyncIterable<ChatEvent>;
	complete(request: ChatRequest, call?: CallOptions): Promise<ChatResult>;
	extract<T>(
		request: ChatRequest & { readonly schema: JsonSchema } & ExtractOptions,
		call?: CallOptions,
	): Promise<ExtractResult<T>>;
	classify(request: ClassifyRequest, call?: CallOptions): Promise<ClassifyResult>;
	embed(texts: readonly string[], options?: EmbedOptions, call?: CallOptions): Promise<EmbedResult>;
	tokenVectors(
		text: string,
		options?: { readonly model?: string },
		call?: CallOptions,
	): Promise<TokenVectors>;
	rerank(
		query: string,
		documents: readonly string[],
		options?: RerankOptions,
		call?: CallOptions,
	): Promise<RerankResult[]>;
	/** What is said in a recording, with times where the engine gives them. */
	transcribe(recording: Recording, options: TranscribeOptions, call?: CallOptions): Promise<Transcription>;
	/** Tokens of a prompt as the engine counts them; estimated where no engine can. */
	countTokens(request: ChatRequest, call?: CallOptions): Promise<number>;
	models(call?: CallOptions): Promise<ModelInfo[]>;
	health(call?: CallOptions): Promise<EngineHealth[]>;
	detect(
		baseUrl: string,
		options?: { readonly apiKey?: string; readonly headers?: { readonly [name: string]: string } },
	): Promise<Detection>;
	/** Downloads a model where the engine can (Ollama, LM Studio, LocalAI); yields progress. */
	pull(engine: string, model: string, call?: CallOptions): AsyncIterable<OperationProgress>;
	load(
		engine: string,
		model: string,
		options?: { readonly keepAlive?: string; readonly contextSize?: number },
		call?: CallOptions,
	): Promise<void>;
	unload(engine: string, model: string, call?: CallOptions): Promise<void>;
	measure(options: MeasureOptions, call?: CallOptions): AsyncIterable<MeasureEvent>;
	close(): Promise<void>;
}
