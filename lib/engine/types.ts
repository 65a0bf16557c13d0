import type { LookupFunction } from 'node:net';
import type { EngineErrorKind } from './errors';

export type Dialect =
	| 'ollama'
	| 'llamacpp'
	| 'lmstudio'
	| 'vllm'
	| 'sglang'
	| 'tensorrt'
	| 'nim'
	| 'tei'
	| 'localai'
	| 'freellmapi'
	| 'openai'
	| 'builtin';

export type ModelUse = 'chat' | 'embedding' | 'rerank';

/** A JSON Schema (draft 7 or 2020-12), as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

// ── Engines ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One engine: where it is and how it is to be used. */
export interface EngineAddress {
	/** Shown in attempts, errors and health. Default: host and port of `baseUrl`. Names are unique within a pool. */
	readonly name?: string;
	/** `auto` asks the engine once (see `detectEngine`) and remembers. */
	readonly dialect: Dialect | 'auto';
	/** `http://host:port`, with or without a trailing `/v1`. */
	readonly baseUrl: string;
	/** Sent as `Authorization: Bearer …`, and to nobody else: a redirect to another origin loses it. */
	readonly apiKey?: string;
	readonly headers?: { readonly [name: string]: string };
	/** 0 (default) is tried first; within a tier the least busy engine wins. */
	readonly tier?: number;
	/** Requests in flight; further ones wait in order, then fail `overloaded` at their deadline. Default: unlimited. */
	readonly maxConcurrency?: number;
	/** What this engine uses when a request names no model, or one that it does not hold. */
	readonly models?: { readonly [use in ModelUse]?: string };
	/** Names of requests → names of this engine. */
	readonly aliases?: { readonly [requested: string]: string };
	/** true = leaves the premises; used only where the call allows it (`allowRemote`). FreeLLMAPI is always remote. */
	readonly remote?: boolean;
}

/** Features a chat request may need; the words used in `unsupported` errors and in docs/engines.md. */
export type Feature =
	| 'chat'
	| 'embed'
	| 'rerank'
	| 'tools'
	| 'toolChoice'
	| 'images'
	| 'imageUrls'
	| 'json'
	| 'jsonSchema'
	| 'regex'
	| 'choice'
	| 'grammar'
	| 'logprobs'
	| 'seed'
	| 'stop'
	| 'reasoningSwitch'
	| 'reasoningEffort'
	| 'keepAlive'
	| 'contextSize'
	| 'tokenVectors'
	| 'countTokens'
	| 'queueFigures'
	| 'pull'
	| 'load'
	| 'unload';

// ── Chat ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

export type ContentPart =
	| { readonly type: 'text'; readonly text: string }
	/** `data` is base64 without the `data:` prefix. */
	| { readonly type: 'image'; readonly data: string; readonly mediaType: string }
	/** Fetched by the engine itself, where it does such a thing. */
	| { readonly type: 'image'; readonly url: string };

export type ChatMessage =
	| { readonly role: 'system' | 'user'; readonly content: string | readonly ContentPart[] }
	| {
			readonly role: 'assistant';
			readonly content: string;
			/** Thinking of an earlier turn; sent back where the engine wants it between tool turns. */
			readonly reasoning?: string;
			readonly toolCalls?: readonly ToolCall[];
	  }
	| { readonly role: 'tool'; readonly toolCallId: string; readonly name?: string; readonly content: string };

export interface ToolDefinition {
	readonly name: string;
	readonly description?: string;
	/** JSON Schema of the arguments; `{ type: 'object', properties: {} }` when there are none. */
	readonly parameters: JsonSchema;
	/** Ask the engine to hold the arguments to the schema (vLLM does so only then). */
	readonly strict?: boolean;
}

export interface ToolCall {
	readonly id: string;
	readonly name: string;
	/** JSON text as the model wrote it. */
	readonly arguments: string;
	/** Why `arguments` is no JSON object (cut off, or broken by the model); absent when it parses. */
	readonly invalid?: string;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export type ResponseFormat =
	| { readonly type: 'json' }
	/** `fallback: 'prompt'`: an engine without constrained decoding gets the schema as an instruction instead. */
	| {
			readonly type: 'jsonSchema';
			readonly schema: JsonSchema;
			readonly name?: string;
			readonly fallback?: 'prompt';
	  }
	| { readonly type: 'regex'; readonly pattern: string }
	| { readonly type: 'choice'; readonly options: readonly string[]; readonly fallback?: 'prompt' }
	/** llama.cpp: GBNF; vLLM, SGLang, TensorRT-LLM: EBNF of their grammar back end. */
	| { readonly type: 'grammar'; readonly grammar: string };

/** A passage the answer is to be taken from; only the built-in answerer reads these, engines get them in `messages`. */
export interface Passage {
	readonly text: string;
	readonly source?: string;
}

export interface ChatRequest {
	/** Absent: the engine's `models.chat`, else the model it has loaded, else its first one. */
	readonly model?: string;
	readonly messages: readonly ChatMessage[];
	readonly tools?: readonly ToolDefinition[];
	readonly toolChoice?: ToolChoice;
	readonly responseFormat?: ResponseFormat;
	readonly stop?: readonly string[];
	readonly seed?: number;
	readonly temperature?: number;
	readonly topP?: number;
	/** Upper bound of generated tokens, thinking included; at least 1. */
	readonly maxTokens?: number;
	/** Log-probabilities of the tokens written, with this many alternatives each (0–20). */
	readonly logprobs?: number;
	/** `off` asks for no thinking, a word asks for that much; absent leaves it to the model. */
	readonly reasoning?: 'off' | 'on' | 'low' | 'medium' | 'high';
	/** How long Ollama keeps the model in memory: "10m", "-1" for ever, "0" not at all. Others hold it until they stop. */
	readonly keepAlive?: string;
	/** Context window in tokens to load the model with (Ollama); elsewhere it is fixed when the engine starts. */
	readonly contextSize?: number;
	/** With `question`: what the built-in tier answers from. */
	readonly passages?: readonly Passage[];
	readonly question?: string;
}

export interface Usage {
	readonly promptTokens: number;
	readonly completionTokens: number;
	/** Prompt tokens served from the engine's prefix cache; absent where the engine does not tell. */
	readonly cachedTokens?: number;
	readonly reasoningTokens?: number;
	/** true: the engine sent no figures; completion tokens are the pieces that arrived, prompt tokens are 0. */
	readonly estimated?: boolean;
}

/** Milliseconds on the client's clock, but `loadMs`, which the engine reports. */
export interface Timings {
	/** In our own queue, before the request was sent. */
	readonly queueMs: number;
	/** Loading the model, where the engine says so (Ollama). */
	readonly loadMs?: number;
	/** From sending the request to the first token of text, reasoning or a tool call. */
	readonly firstTokenMs: number;
	/** Mean time per output token after the first. */
	readonly perTokenMs?: number;
	/** From the call to its end, failed attempts included. */
	readonly totalMs: number;
}

export interface TokenLogprob {
	readonly token: string;
	readonly logprob: number;
	readonly top?: readonly { readonly token: string; readonly logprob: number }[];
}

export type FinishReason = 'stop' | 'length' | 'toolCalls' | 'filtered';

/** One try at one engine, failed or not, as shown to people. */
export interface Attempt {
	readonly engine: string;
	readonly model: string;
	readonly outcome: 'ok' | EngineErrorKind;
	readonly status?: number;
	/** Why it failed, in the engine's words where it had any. */
	readonly message?: string;
	/** Waited in our queue before it was sent. */
	readonly queueMs: number;
	/** From sending to the end of the try. */
	readonly ms: number;
}

export type ChatEvent =
	/** Comes with the first token: until then another engine may still take over. */
	| {
			readonly type: 'start';
			readonly engine: string;
			readonly model: string;
			readonly attempts: readonly Attempt[];
	  }
	/** Pieces that arrive faster than they are read are joined. */
	| { readonly type: 'text'; readonly text: string; readonly logprobs?: readonly TokenLogprob[] }
	| { readonly type: 'reasoning'; readonly text: string }
	| {
			readonly type: 'toolCall';
			readonly index: number;
			readonly id: string;
			readonly name: string;
			readonly argumentsDelta: string;
	  }
	| {
			readonly type: 'end';
			readonly finishReason: FinishReason;
			readonly usage: Usage;
			readonly timings: Timings;
			/** Such as tool arguments that are no JSON. */
			readonly warnings?: readonly string[];
	  };

/** What had arrived of an answer that broke off. */
export interface ChatPartial {
	readonly text: string;
	readonly reasoning: string;
	readonly toolCalls: readonly ToolCall[];
}

export interface ChatResult extends ChatPartial {
	readonly engine: string;
	readonly model: string;
	readonly dialect: Dialect;
	readonly finishReason: FinishReason;
	readonly usage: Usage;
	readonly timings: Timings;
	readonly attempts: readonly Attempt[];
	readonly logprobs?: readonly TokenLogprob[];
	readonly warnings?: readonly string[];
	/** Built-in answerer only: positions (from 0) of the passages it cites, and whether it found anything. */
	readonly cited?: readonly number[];
	readonly found?: boolean;
}

export interface ExtractOptions {
	/** How often the model is shown its errors and asked again. Default 2. */
	readonly maxRepairs?: number;
}

export type ExtractResult<T> = { readonly value: T; readonly repairs: number } & ChatResult;

export interface ClassifyRequest {
	readonly model?: string;
	readonly text: string;
	readonly labels: readonly { readonly name: string; readonly description?: string }[];
	/** What the classes are about, put before the text. */
	readonly instructions?: string;
	/** Offers "none of these" (label `null` in the result). Default true. */
	readonly allowNone?: boolean;
	/** Below this confidence the label is `null`. Only where the engine gives log-probabilities. */
	readonly minConfidence?: number;
}

export interface ClassifyResult {
	readonly label: string | null;
	/** 0–1; absent where the engine gives no log-probabilities. */
	readonly confidence?: number;
	/** Share of each label among the alternatives of the deciding token, where the engine gives them. */
	readonly shares?: { readonly [label: string]: number };
	/** What the model was asked. */
	readonly messages: readonly ChatMessage[];
	readonly result: ChatResult;
}

// ── Embeddings and reranking ───────────────────────────────────────────────────────────────────────────────────────────

export interface EmbedOptions {
	readonly model?: string;
	/** Fewer dimensions where the model was made for it (Matryoshka); vectors are unit length again afterwards. */
	readonly dimensions?: number;
	/** Put before every text ("query: "); see `knownPrefixes`. */
	readonly prefix?: string;
	/** `fail` (default) | `truncate` (flagged) | `mean` (pieces averaged by length, flagged). Never silent. */
	readonly onTooLong?: 'fail' | 'truncate' | 'mean';
	/** Most texts in a request. Default 128, less where the engine says so. */
	readonly batchSize?: number;
	/** Most tokens in a request, counted by `countTokens`. Default 16,384. */
	readonly batchTokens?: number;
	/** Requests in flight at once. Default 2. */
	readonly concurrency?: number;
	/** Default: a quarter of the UTF-8 bytes. */
	readonly countTokens?: (text: string) => number;
	/** Scale every vector to unit length. Default true. */
	readonly normalize?: boolean;
}

export type EmbedFlag = 'truncated' | 'averaged' | 'empty' | undefined;

export interface EmbedResult {
	/** In the order of the texts. */
	readonly vectors: readonly Float32Array[];
	/** Per text: cut or averaged because it was too long; or empty, and its vector therefore zero (not to be indexed). */
	readonly flags: readonly EmbedFlag[];
	readonly model: string;
	readonly engine: string;
	readonly dimensions: number;
	readonly usage: { readonly promptTokens: number };
	readonly attempts: readonly Attempt[];
}

export interface TokenVectors {
	/** One per token, as the engine gives them (not normalised). */
	readonly vectors: readonly Float32Array[];
	/** UTF-16 offsets of each token in the text; `null` for special tokens. */
	readonly offsets: readonly ({ readonly start: number; readonly end: number } | null)[];
	readonly model: string;
	readonly engine: string;
}

export interface RerankOptions {
	readonly model?: string;
	/** Only the best so many. */
	readonly topN?: number;
}

export interface RerankResult {
	readonly index: number;
	/** Higher is better. Scale depends on the engine (llama.cpp: logits; vLLM, TEI: 0–1): compare within one answer only. */
	readonly score: number;
	/** Which engine scored; `built-in` when none has a rerank route. */
	readonly engine: string;
}

// ── Knowing engines ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ModelInfo {
	readonly engine: string;
	readonly id: string;
	/** In memory now; absent where the engine does not tell. */
	readonly loaded?: boolean;
	/** Context it is loaded with (else the engine's limit for it), in tokens. */
	readonly contextTokens?: number;
	/** What the model was trained for, where that is more. */
	readonly maxContextTokens?: number;
	readonly sizeBytes?: number;
	readonly parameters?: string;
	readonly quantization?: string;
	/** As far as the engine tells: chat, embedding, rerank, tools, vision, thinking … */
	readonly capabilities?: readonly string[];
	readonly dimensions?: number;
}

export interface EngineHealth {
	readonly engine: string;
	readonly baseUrl: string;
	readonly dialect: Dialect | 'unknown';
	readonly status: 'ok' | 'loading' | 'unauthorized' | 'down';
	readonly version?: string;
	readonly latencyMs?: number;
	/** What to do, when it is not `ok`. */
	readonly message?: string;
	readonly inFlight: number;
	readonly waiting: number;
	/** The engine's own figures, where it has them. */
	readonly queue?: { readonly running: number; readonly waiting: number };
	readonly breaker: { readonly [model: string]: 'closed' | 'open' | 'halfOpen' };
	readonly remote: boolean;
}

export interface Detection {
	readonly dialect: Dialect;
	readonly version?: string;
	/** Models it lists, at most 200. */
	readonly models: readonly string[];
	/** What gave it away, for people. */
	readonly evidence: string;
	readonly ms: number;
}

// ── Calls and pools ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Deadlines {
	/** Until a connection stands. Default 5,000 ms. */
	readonly connectMs?: number;
	/** From sending to the first token (queue and prompt of the engine included). Default 180,000 ms. */
	readonly firstTokenMs?: number;
	/** Silence between tokens; comment pings do not count as tokens. Default 60,000 ms. */
	readonly betweenTokensMs?: number;
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
	/** Told of every try as it ends. */
	readonly onAttempt?: (attempt: Attempt) => void;
}

export interface BuiltinAnswer {
	readonly text: string;
	readonly cited: readonly number[];
	readonly found: boolean;
}

/** A document's place in what was given, and its score: higher is better. */
export interface DocumentScore {
	readonly index: number;
	readonly score: number;
}

/** What can be done without an engine; handed in by the caller. Each part is optional. */
export interface BuiltinTier {
	/** Answers from passages alone. */
	readonly answer?: (
		passages: readonly Passage[],
		question: string,
		call?: { readonly signal?: AbortSignal },
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

export interface PoolOptions {
	readonly deadlines?: Deadlines;
	readonly allowRemote?: boolean;
	readonly builtin?: BuiltinTier;
	/** Egress filter: called for each URL before it is asked, and for each redirect; throws to refuse. */
	readonly checkUrl?: (url: URL) => void | Promise<void>;
	/** Replaces DNS look-up when connecting, so that the address that was checked is the one that is used. */
	readonly lookup?: LookupFunction;
	/** Calls waiting for a free slot at once, in the whole pool. Default 1,000; the next one fails `overloaded`. */
	readonly maxWaiting?: number;
	/** How often the round of all engines is repeated after transient failures. Default 2. */
	readonly rounds?: number;
	/** Consecutive failures that open a breaker (per engine and model). Default 3. */
	readonly breakerThreshold?: number;
	/** First pause of an open breaker; doubles up to a minute. Default 5,000 ms. */
	readonly breakerPauseMs?: number;
	/** How long a call waits altogether while every engine is paused by its breaker. Default 15,000 ms. */
	readonly patienceMs?: number;
	/** How much busier the engine that holds a prompt's prefix may be before another is taken. Default 4 requests. */
	readonly affinityImbalance?: number;
}

/** What `EnginePool` offers; other rooms and the nodes may depend on this alone. */
export interface Engines {
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

export interface OperationProgress {
	readonly status: string;
	readonly done?: number;
	readonly total?: number;
}

// ── Measuring ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface MeasureOptions {
	readonly engine?: string;
	readonly model?: string;
	/** Requests in flight to try, ascending. Default 1, 2, 4, 8. At most 64 each. */
	readonly concurrency?: readonly number[];
	/** Requests per step. Default: twice the concurrency, at least 4. */
	readonly requestsPerStep?: number;
	/** What is sent. Default: about `promptTokens` (256) tokens of prose, a different beginning each time. */
	readonly prompt?: string;
	readonly promptTokens?: number;
	readonly maxTokens?: number;
	/** Upper bound of the whole sweep. Default 120,000 ms. */
	readonly budgetMs?: number;
	/** What an answer must keep to: p95 of time to first token and mean time per token. */
	readonly target?: { readonly firstTokenMs?: number; readonly perTokenMs?: number };
	/** Price of the machine, for the cost per million tokens. */
	readonly pricePerHour?: number;
}

export interface MeasureStep {
	readonly concurrency: number;
	readonly requests: number;
	readonly failed: number;
	readonly firstTokenMs: { readonly p50: number; readonly p95: number };
	readonly perTokenMs: { readonly p50: number; readonly p95: number };
	readonly requestMs: { readonly p50: number; readonly p95: number; readonly mean: number };
	/** Output tokens per second of all requests together. */
	readonly tokensPerSecond: number;
	readonly requestsPerSecond: number;
	readonly meetsTarget: boolean;
	readonly costPerMillionTokens?: number;
}

export interface MeasureReport {
	readonly engine: string;
	readonly model: string;
	readonly steps: readonly MeasureStep[];
	/** Highest concurrency that held the target, and the arrival rate it stands for (Little's law: N = λ · W). */
	readonly capacity?: { readonly concurrency: number; readonly requestsPerSecond: number };
	/** The sweep ended early because of its budget or because nothing got better. */
	readonly stopped?: string;
}

export type MeasureEvent =
	| { readonly type: 'step'; readonly step: MeasureStep }
	| { readonly type: 'report'; readonly report: MeasureReport };
