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
	/** true = outside the own network; used only where the call allows it (`allowRemote`). FreeLLMAPI is always remote. */
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
	| 'transcribe'
	| 'queueFigures'
	| 'pull'
	| 'load'
	| 'unload';
