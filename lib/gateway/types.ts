import type { Attempt, ChatRequest, ChatResult, Engines, Timings, Usage } from '../engine';

/** Who may call, and how much. */
export interface GatewayKey {
	/** Shown in exchanges and messages instead of the key. */
	readonly name: string;
	/** The secret itself; kept only as its hash. */
	readonly key: string;
	/** Requests at once; further ones are refused with 429. Default: as many as the gateway takes. */
	readonly maxConcurrency?: number;
	/** A token bucket of this size, refilled evenly. Default: unlimited. */
	readonly requestsPerMinute?: number;
	/**
	 * Tokens of prompts and answers, in a bucket of this size that is refilled evenly over 24 hours. What an answer uses is
	 * known at its end: a request that is let in is answered whole. Default: unlimited.
	 */
	readonly tokensPerDay?: number;
}

export interface GatewayOptions {
	/** An EnginePool, or anything that offers the same. The gateway does not close it. */
	readonly engines: Pick<
		Engines,
		'chat' | 'complete' | 'embed' | 'rerank' | 'transcribe' | 'countTokens' | 'models' | 'health'
	>;
	/** Empty: nobody is let in, unless `anonymous`. */
	readonly keys: readonly GatewayKey[];
	/** Lets requests without a key in. Only for 127.0.0.1: `listen` refuses it on any other address. Default false. */
	readonly anonymous?: boolean;
	/** Model names of clients → model names of the engines ("gpt-4o" → "qwen3:8b"); listed among the models. */
	readonly aliases?: { readonly [name: string]: string };
	/** Models that a workflow answers; listed among the models. A model of this name that an engine holds is not asked. */
	readonly workflow?: WorkflowOptions;
	/** May engines marked remote be used? Default false. */
	readonly allowRemote?: boolean;
	/** Longest request body in bytes. Default 10 MiB: a few images. */
	readonly maxBodyBytes?: number;
	/** Longest recording to transcribe in bytes, with its form. Default 25 MiB, as at OpenAI. */
	readonly maxAudioBytes?: number;
	/** Requests at once over all keys. Default 1,000. */
	readonly maxInFlight?: number;
	/** Bytes of all request bodies that are held at once; one key may have a quarter of them. Default 256 MiB. */
	readonly maxBodyBytesInFlight?: number;
	/** How long a request's body may take to arrive. Default 60,000 ms. */
	readonly bodyMs?: number;
	/** How long a client may leave its answer unread before it is dropped. Default 60,000 ms. */
	readonly unreadMs?: number;
	/** While a stream has nothing to say for this long, a comment line keeps proxies from closing it. Default 10,000 ms. */
	readonly keepAliveMs?: number;
	/** Told of every exchange after its end, failed ones too. Must not throw; what it throws goes to `onFault`. */
	readonly onExchange?: (exchange: Exchange) => void;
	/** Told of faults of our own, which the client sees as 500 only. Default: `process.emitWarning`. */
	readonly onFault?: (fault: unknown) => void;
}

/** The ways in which a client may ask for a chat. */
export type ChatApi = 'chat' | 'responses' | 'messages' | 'completions';

export type Route =
	| ChatApi
	| 'embeddings'
	| 'rerank'
	| 'transcriptions'
	| 'countTokens'
	| 'models'
	| 'health';

/** What became of one request to an engine: for recording, billing, alarms. */
export interface Exchange {
	/** Also the `id` of the answer ("chatcmpl-…"). */
	readonly id: string;
	readonly route: 'chat' | 'embeddings' | 'rerank' | 'transcriptions';
	/** Of a chat: the API by which the client asked. */
	readonly api?: ChatApi;
	/** Name of the key; absent for anonymous callers. */
	readonly key?: string;
	/** ISO 8601. */
	readonly startedAt: string;
	readonly ms: number;
	/** HTTP status of the answer; 499 when the client left before its end. */
	readonly status: number;
	readonly streamed: boolean;
	/** What the client asked for, as it called the model. */
	readonly requestedModel?: string;
	readonly engine?: string;
	readonly model?: string;
	readonly attempts: readonly Attempt[];
	readonly usage?: Partial<Usage>;
	/** What is left of the key's tokens for a day after this exchange; below 0 where it used more. Absent without such a limit. */
	readonly tokensLeft?: number;
	readonly timings?: Timings;
	/** Chat only: what was asked, and the answer as far as it got. */
	readonly chat?: { readonly request: ChatRequest; readonly answer?: ChatAnswer };
	/** Embeddings and rerank: the number of texts; transcriptions: of recordings. */
	readonly inputs?: number;
	readonly error?: { readonly kind: string; readonly message: string };
}

/** `finishReason` is absent when the answer broke off. */
export type ChatAnswer = Pick<ChatResult, 'text' | 'reasoning' | 'toolCalls'> &
	Partial<Pick<ChatResult, 'finishReason' | 'logprobs'>>;

/** What a workflow gets for one request: plain JSON. */
export interface WorkflowRequest {
	/** The `id` of the answer and of the exchange. */
	readonly id: string;
	readonly api: ChatApi;
	/** As the client called it. */
	readonly model: string;
	/** Name of the key; absent for anonymous callers. */
	readonly key?: string;
	/** Whoever the client says that it asks for; nobody has checked it. */
	readonly user?: string;
	/** The last message of the user as text. */
	readonly question: string;
	/** The system messages as one text; '' where there are none. */
	readonly system: string;
	/** The turns before the question as texts, oldest first, without system messages and results of tools. */
	readonly earlierMessages: ReadonlyArray<{ readonly role: 'user' | 'assistant'; readonly content: string }>;
	/** Whether the client reads a stream. The answer is written as one all the same. */
	readonly stream: boolean;
	/** Everything that the client sent, as exchanges have it. */
	readonly request: ChatRequest;
}

export interface WorkflowAnswer {
	readonly text: string;
}

/** One run of the workflow. */
export interface WorkflowRun {
	/** Rejects with a GatewayError `workflowFailed` where the run ends without an answer. */
	readonly answer: Promise<WorkflowAnswer>;
	/** Resolves when the run has ended, however it did; it may go on after its answer. Never rejects. */
	readonly ended: Promise<void>;
}

/** Models that are answered by a workflow instead of an engine. */
export interface WorkflowOptions {
	readonly models: readonly string[];
	/**
	 * Starts the workflow.
	 *
	 * @throws GatewayError `workflowUnavailable` where it cannot be started
	 */
	readonly ask: (request: WorkflowRequest) => WorkflowRun;
	/** How long an answer may take. Default 120,000 ms. */
	readonly deadlineMs?: number;
	/** Runs at once, also of those whose client has left: further requests are refused. Default 20. */
	readonly maxAtOnce?: number;
}
