import type { Answer } from '../stream/answer';
import type { BodyReader } from '../transport/exchange';
import type { HttpRequest } from '../transport/transport';
import type { Dialect, Feature } from '../types/address';
import type { ChatRequest } from '../types/chat';
import type { ModelInfo, OperationProgress } from '../types/operations';
import type { Json } from '../wire/json';

/** Asks the engine something small and returns the parsed JSON (or the text, when it is none). */
export type Ask = (request: HttpRequest) => Promise<{ status: number; json: Json | undefined; text: string }>;

export interface EmbedWire {
	/** Vectors come as base64, not as decimal numbers. */
	readonly base64?: boolean;
	request(model: string, texts: readonly string[], options: { dimensions?: number }): HttpRequest;
	/** Vectors in the order of the texts, unchecked for number and length; undefined when the answer has no such shape. */
	answer(json: Json): { vectors: Float32Array[]; promptTokens: number } | undefined;
}

export interface RerankWire {
	request(model: string, query: string, documents: readonly string[]): HttpRequest;
	answer(json: Json): { index: number; score: number }[] | undefined;
}

/** A token of the engine's tokenizer, with its place in the text if the engine tells. */
export interface TokenPiece {
	/** As the tokenizer prints it; undefined for one without text. */
	readonly piece?: string;
	readonly special?: boolean;
	/** UTF-8 byte offsets, where the engine gives them. */
	readonly bytes?: { readonly start: number; readonly end: number };
}

export interface TokenVectorsWire {
	vectors(model: string, text: string): HttpRequest;
	vectorsAnswer(json: Json): Float32Array[] | undefined;
	tokens(model: string, text: string): HttpRequest;
	tokensAnswer(json: Json): TokenPiece[] | undefined;
}

/** What an engine has counted since it started, of all its callers. */
export interface Counters {
	readonly promptTokens?: number;
	/** Prompt tokens taken from the prefix cache. */
	readonly cachedTokens?: number;
	readonly draftTokens?: number;
	readonly acceptedDraftTokens?: number;
	/** Where it tells only the share of its last moments, 0 to 1 (SGLang). */
	readonly draftAcceptance?: number;
}

export interface Limits {
	/** Most texts in one embedding (or rerank) request. */
	readonly batch?: number;
	/** It runs a reranker: what it answers to a question for embeddings means nothing. */
	readonly reranks?: boolean;
	/** Tokens one embedding input may have. */
	readonly inputTokens?: number;
}

/**
 * What makes an engine itself: how a neutral request is written for it and how its answers are read back. What it can do
 * is the table `can`; the client asks the table, never the name.
 */
export interface DialectSpec {
	readonly dialect: Dialect;
	/** As people call it. */
	readonly label: string;
	readonly can: ReadonlySet<Feature>;
	/** Fronts other people's machines, whatever the address says. */
	readonly alwaysRemote?: boolean;
	/** Some of its models may run elsewhere; its list says which. */
	readonly handsModelsOn?: boolean;
	/** It refuses names that it does not hold; the others answer with the model that they have. */
	readonly checksNames?: boolean;
	/** An answer that ends well without a word is an error (LM Studio on overflow). */
	readonly emptyIsError?: boolean;

	/** Fields of `ChatRequest.extra` that it takes. */
	readonly takes?: ReadonlySet<string>;
	readonly chat?: {
		request(request: ChatRequest, model: string): HttpRequest;
		reader(answer: Answer, fail: (words: string, status?: number) => Error, request: ChatRequest): BodyReader;
	};
	readonly embed?: EmbedWire;
	readonly rerank?: RerankWire;
	readonly tokenVectors?: TokenVectorsWire;

	/**
	 * Models with what the engine tells about them; throws what `ask` throws. `details` asks for each model where the list
	 * leaves out what people want to know.
	 */
	models(ask: Ask, details: boolean): Promise<Omit<ModelInfo, 'engine'>[]>;
	/** It answers `health` at once also while it works off requests: silence then means that it hangs. */
	readonly healthyWhileBusy?: boolean;
	/** The cheapest question that shows it is up. */
	readonly health: HttpRequest;
	version?(ask: Ask): Promise<string | undefined>;
	/** Requests running and waiting inside the engine. */
	readonly queue?: (ask: Ask) => Promise<{ running: number; waiting: number } | undefined>;
	/** For what its answers do not tell (vLLM, SGLang). */
	readonly counters?: (ask: Ask) => Promise<Counters>;
	/** Tokens of the whole prompt as the engine counts them. */
	countTokens?(ask: Ask, request: ChatRequest, model: string): Promise<number | undefined>;
	limits?(ask: Ask): Promise<Limits>;

	readonly operations?: {
		readonly pull?: StreamedPull | PullJob;
		readonly load?: (model: string, options: { keepAlive?: string; contextSize?: number }) => HttpRequest;
		/** Where `load` answers before the model is there: how far it is. `absent`: it has no such model. */
		readonly loadState?: (ask: Ask, model: string) => Promise<'loaded' | 'loading' | 'failed' | 'absent'>;
		/** What is to be asked to free the model; may look first under which names it is loaded. */
		readonly unload?: (model: string, ask: Ask) => readonly HttpRequest[] | Promise<readonly HttpRequest[]>;
	};
}

/** A download that streams its progress as newline-delimited JSON (Ollama); it ends with the connection. */
export interface StreamedPull {
	request(model: string): HttpRequest;
	progress(line: Json): OperationProgress | { error: string } | undefined;
	finished(line: Json): boolean;
}

/** A download that the engine does by itself and is asked about (LM Studio, LocalAI). */
export interface PullJob {
	request(model: string): HttpRequest;
	status(job: string): HttpRequest;
	/** Reads the answer to either request. */
	read(answer: Json): PullState | undefined;
}

export interface PullState extends OperationProgress {
	/** Under what it is asked about. */
	readonly job?: string;
	/** How it ended; absent while it goes on. */
	readonly end?: 'finished' | 'failed';
	/** Why it failed, in the engine's words. */
	readonly words?: string;
}
