import { LocalEngineError } from '../support';
import type { ChatPartial } from './types/messages';

/**
 * What can go wrong with an engine, as a closed list:
 * - `unreachable`: no connection, or it closed before an answer began
 * - `loading`: the engine is up and still loads the model; waited for, never trips a breaker
 * - `loadFailed`: it could not load the model (memory, a broken file); another engine may hold it
 * - `overloaded`: it (or our own queue in front of it) has no room now
 * - `rateLimited`: it asks to come back later (`retryAfterMs`)
 * - `unauthorized`: key missing, wrong, or without the right
 * - `modelNotFound`: it does not hold the model
 * - `contextExceeded`: prompt (or input) longer than what is loaded
 * - `invalidRequest`: the request itself is wrong; no engine would take it
 * - `unsupported`: this engine cannot do that, others may
 * - `timeout`: one of our deadlines passed (the message says which)
 * - `cancelled`: the caller ended it
 * - `badAnswer`: it answered with something that is not an answer
 * - `interrupted`: it stopped in the middle of an answer (`partial` holds what came)
 * - `server`: it failed inside
 */
export const ENGINE_ERROR_KINDS = [
	'unreachable',
	'loading',
	'loadFailed',
	'overloaded',
	'rateLimited',
	'unauthorized',
	'modelNotFound',
	'contextExceeded',
	'invalidRequest',
	'unsupported',
	'timeout',
	'cancelled',
	'badAnswer',
	'interrupted',
	'server',
] as const;

export type EngineErrorKind = (typeof ENGINE_ERROR_KINDS)[number];

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

export interface EngineErrorDetails {
	/** Name of the engine (its `name`, else its origin). */
	readonly engine?: string;
	readonly model?: string;
	/** HTTP status, where there was one. */
	readonly status?: number;
	/** The engine's own words, keys removed, at most 2,000 characters. */
	readonly engineMessage?: string;
	readonly retryAfterMs?: number;
	/** Every engine that was tried, in order. */
	readonly attempts?: readonly Attempt[];
	/** What had arrived when the answer broke off. */
	readonly partial?: ChatPartial;
	/** For `contextExceeded`, as far as the engine says: tokens of the prompt and of the loaded context. */
	readonly promptTokens?: number;
	readonly contextTokens?: number;
	/** For errors about one of several inputs: its position. */
	readonly inputIndex?: number;
	/** For `modelNotFound`: what the engine does hold. */
	readonly modelNames?: readonly string[];
	readonly cause?: unknown;
}

/** Every error of lib/engine. `kind` is for code, `message` for people, `engineMessage` is the engine's own words. */
export class EngineError extends LocalEngineError<EngineErrorKind> {
	readonly engine?: string;
	readonly model?: string;
	readonly status?: number;
	readonly engineMessage?: string;
	readonly retryAfterMs?: number;
	readonly attempts: readonly Attempt[];
	readonly partial?: ChatPartial;
	readonly promptTokens?: number;
	readonly contextTokens?: number;
	readonly inputIndex?: number;
	readonly modelNames?: readonly string[];

	constructor(kind: EngineErrorKind, message: string, details: EngineErrorDetails = {}) {
		super(kind, message, details.cause === undefined ? undefined : { cause: details.cause });
		this.engine = details.engine;
		this.model = details.model;
		this.status = details.status;
		this.engineMessage = details.engineMessage;
		this.retryAfterMs = details.retryAfterMs;
		this.attempts = details.attempts ?? [];
		this.partial = details.partial;
		this.promptTokens = details.promptTokens;
		this.contextTokens = details.contextTokens;
		this.inputIndex = details.inputIndex;
		this.modelNames = details.modelNames;
	}

	/** The same error with more known about it (the attempts so far, the partial text …). */
	with(more: EngineErrorDetails): EngineError {
		return new EngineError(this.kind, this.message, { ...this.details, ...more });
	}

	/** The same error in other words. */
	as(message: string): EngineError {
		return new EngineError(this.kind, message, this.details);
	}

	private get details(): EngineErrorDetails {
		return {
			engine: this.engine,
			model: this.model,
			status: this.status,
			engineMessage: this.engineMessage,
			retryAfterMs: this.retryAfterMs,
			attempts: this.attempts,
			partial: this.partial,
			promptTokens: this.promptTokens,
			contextTokens: this.contextTokens,
			inputIndex: this.inputIndex,
			modelNames: this.modelNames,
			cause: this.cause,
		};
	}
}
