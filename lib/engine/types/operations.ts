import type { Dialect } from './address';

export interface ModelInfo {
	readonly engine: string;
	readonly id: string;
	/** Further names it answers to (llama.cpp). */
	readonly aliases?: readonly string[];
	/** Runs on another machine, to which the engine hands the text on (Ollama's cloud models). */
	readonly remote?: boolean;
	/** In memory now; absent where the engine does not tell. */
	readonly loaded?: boolean;
	/** Context it is loaded with (else the engine's limit for it), in tokens. */
	readonly contextTokens?: number;
	/** What the model was trained for, where that is more. */
	readonly maxContextTokens?: number;
	/** Of its file. */
	readonly sizeBytes?: number;
	/** Memory that it takes now, and how much of that on the GPU (Ollama). */
	readonly memoryBytes?: number;
	readonly gpuMemoryBytes?: number;
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
	readonly breaker: { readonly [model: string]: 'closed' | 'open' };
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

export interface OperationProgress {
	readonly status: string;
	readonly done?: number;
	readonly total?: number;
}

/** An engine that answers at one of the usual addresses. */
export interface FoundEngine {
	readonly baseUrl: string;
	/** `auto` where it does not say without a key. */
	readonly dialect: Dialect | 'auto';
	readonly version?: string;
	readonly models: readonly string[];
	readonly needsKey: boolean;
}

export interface LocalEngines {
	/** Every address that was asked. */
	readonly asked: readonly string[];
	readonly found: readonly FoundEngine[];
	/** Addresses that the egress filter does not allow to ask. */
	readonly refused: readonly string[];
}
