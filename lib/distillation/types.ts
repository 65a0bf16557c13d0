import type { JsonObject } from '../support';

/** One call of a tool as the model wrote it: `arguments` is the raw text, valid JSON or not. */
export interface ToolCall {
	readonly id: string;
	readonly name: string;
	readonly arguments: string;
}

export interface ToolDefinition {
	readonly name: string;
	readonly description?: string;
	/** JSON schema of the arguments. */
	readonly parameters?: JsonObject;
}

export interface Message {
	readonly role: 'system' | 'user' | 'assistant' | 'tool';
	readonly content: string;
	readonly name?: string;
	readonly reasoning?: string;
	readonly toolCalls?: readonly ToolCall[];
	/** For role `tool`: the call it answers. */
	readonly toolCallId?: string;
}

export type FinishReason = 'stop' | 'length' | 'toolCalls' | 'filtered' | 'unknown';

export interface TokenLogprob {
	readonly token: string;
	/** Id in the teacher's vocabulary, where the engine tells it. */
	readonly id?: number;
	readonly logprob: number;
}

/** What white-box distillation needs: top-k log probabilities for each position of the answer. */
export interface Logprobs {
	readonly positions: ReadonlyArray<TokenLogprob & { readonly top?: readonly TokenLogprob[] }>;
	/** Hash of the tokenizer; a student with another one cannot use the ids. */
	readonly tokenizer?: string;
	readonly vocabularySize?: number;
	readonly temperature?: number;
	/** Number of alternatives kept per position. */
	readonly k?: number;
	/** Mean probability mass outside the kept alternatives, 0–1. */
	readonly tailMass?: number;
}

/** One answer to the prompt; a record has several when a teacher was sampled or a person corrected it. */
export interface Answer {
	readonly content: string;
	readonly reasoning?: string;
	readonly toolCalls?: readonly ToolCall[];
	readonly finishReason: FinishReason;
	readonly logprobs?: Logprobs;
	/** `human` for corrections. Default `model`. */
	readonly author?: 'model' | 'human';
	/** Judge or reward score; higher is better. */
	readonly score?: number;
	/** Wanted (true) or unwanted (false): thumbs, for unpaired preference training. */
	readonly label?: boolean;
	readonly model?: string;
}

/** A step of a reasoning chain with its verdict, for process reward models. */
export interface Step {
	readonly text: string;
	readonly correct: boolean;
}

export interface Usage {
	readonly promptTokens?: number;
	readonly completionTokens?: number;
	readonly cachedTokens?: number;
	readonly reasoningTokens?: number;
}

/** Where a record comes from. */
export interface Lineage {
	readonly workflow?: string;
	readonly node?: string;
	readonly execution?: string;
	readonly item?: number;
	/** SHA-256 of the prompt messages. */
	readonly promptHash: string;
	/** Imported records: the file's name and the line, from 1. */
	readonly file?: string;
	readonly line?: number;
	/** Generated records: the seed they were made from. */
	readonly seed?: string;
}

/** The canonical exchange. Everything this module imports, curates and exports is this. */
export interface ExchangeRecord {
	/** Unique; feedback joins by it. */
	readonly id: string;
	/** ISO 8601, UTC. */
	readonly createdAt: string;
	/** The prompt: everything before the answer. Never empty. */
	readonly messages: readonly Message[];
	readonly tools?: readonly ToolDefinition[];
	readonly parallelToolCalls?: boolean;
	/** The first is the one to learn from. May be empty (a prompt without an answer yet). */
	readonly answers: readonly Answer[];
	readonly steps?: readonly Step[];
	/** Schema the answer had to follow. */
	readonly schema?: JsonObject;
	readonly scores?: { readonly [name: string]: number };
	readonly labels?: { readonly [name: string]: string };
	readonly usage?: Usage;
	readonly latencyMs?: number;
	readonly engine?: string;
	readonly model?: string;
	/** Licence of the answer (of the teacher's output), as an SPDX id or the model licence's name. */
	readonly licence?: string;
	readonly language?: string;
	/** Records of one conversation never part in a split. */
	readonly conversation?: string;
	/** The document the prompt was made from; its records never part in a split. */
	readonly source?: string;
	readonly lineage: Lineage;
}

/** What people said about a record, later. */
export interface Feedback {
	/** Default: hash of the content, so that sending the same feedback twice counts once. */
	readonly id?: string;
	/** Id of the record it belongs to. */
	readonly record: string;
	readonly at?: string;
	readonly thumb?: 'up' | 'down';
	/** 0–1. */
	readonly score?: number;
	/** What the answer should have been. */
	readonly correction?: string;
	readonly labels?: { readonly [name: string]: string };
	readonly comment?: string;
}

/** A pair to learn a preference from. */
export interface Preference {
	readonly chosen: Answer;
	readonly rejected: Answer;
}

export interface ScanFilter {
	/** Records made at or after this time (ISO 8601). */
	readonly since?: string;
	/** Records made before this time. */
	readonly until?: string;
	readonly workflow?: string;
	readonly model?: string;
}

export interface ScanCall {
	readonly signal?: AbortSignal;
	/** The newest record first. Default: the oldest. */
	readonly newestFirst?: boolean;
}

/** Records to delete: by their IDs, or those that match a filter, which has to have a condition. */
export type DeleteChoice = { readonly ids: readonly string[] } | { readonly filter: ScanFilter };

export interface AppendReport {
	readonly written: number;
	/** Records whose id was there already; the stored one stays. */
	readonly unchanged: number;
}

/** Durable home of records and feedback. Every method rejects with a DistillationError. */
export interface RecordStore {
	/** Resolves when the records survive a crash of the process and of the machine. */
	append(records: readonly ExchangeRecord[]): Promise<AppendReport>;
	/** Feedback may arrive before its record. */
	addFeedback(feedback: readonly Feedback[]): Promise<AppendReport>;
	get(id: string): Promise<ExchangeRecord | undefined>;
	/** In the order of writing, with feedback joined; sees what was written when it started. */
	scan(filter?: ScanFilter, call?: ScanCall): AsyncIterable<ExchangeRecord>;
	/**
	 * Deletes records with their feedback. Each batch of them goes as a whole; records that come in meanwhile stay.
	 * @returns how many there were
	 */
	delete(which: DeleteChoice, call?: { readonly signal?: AbortSignal }): Promise<number>;
	count(): Promise<{ readonly records: number; readonly feedback: number }>;
	/**
	 * Moves all records and feedback into another store; run again after an interruption, it goes on. A row that the other store has
	 * with another content stays here.
	 */
	moveTo(target: RecordStore, call?: { readonly signal?: AbortSignal }): Promise<MovedRecords>;
	close(): Promise<void>;
}

/** Rows that went to another store, and those that stayed. */
export interface MovedRecords {
	readonly records: number;
	readonly feedback: number;
	/** The other store has their ids with another content. */
	readonly kept: number;
}

/** A line, row or item that could not be used, and why. */
export interface BadRow {
	/** Line of a file or position in the input, from 1. */
	readonly line: number;
	readonly reason: string;
}

export type CountTokens = (text: string) => number;
