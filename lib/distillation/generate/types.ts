import type { JsonObject } from '../../support';
import type { ExchangeRecord, Lineage, Message, RecordStore, ToolDefinition } from '../types';
import type { JudgeOptions } from './judge';
import type { Complete } from './teacher';

/** What the teacher is asked. */
export interface Prompt {
	readonly messages: readonly Message[];
	readonly tools?: readonly ToolDefinition[];
	/** Records of one source document stay together in a split. */
	readonly source?: string;
	readonly conversation?: string;
	readonly labels?: { readonly [name: string]: string };
	readonly lineage?: Partial<Lineage>;
}

export interface GenerateOptions {
	readonly complete: Complete;
	/** The teacher's model name; part of a record's id, so another teacher gives other records. */
	readonly model?: string;
	/** Licence of the teacher's answers. */
	readonly licence?: string;
	/** The user has read the licence and takes it upon himself. */
	readonly licenceConfirmed?: boolean;
	/** Samples for each prompt, 1–16. Default 1. */
	readonly samples?: number;
	/** Temperature of each sample in turn, repeated as needed. Default 0.7, and 0 for a single sample. */
	readonly temperatures?: readonly number[];
	readonly maxTokens?: number;
	/** Alternatives per token to keep, 1–20, where the engine gives them. */
	readonly logprobs?: number;
	/** The answer has to be JSON of this schema; samples that are not are dropped. */
	readonly schema?: JsonObject;
	/** How the samples are weighed: by a judge, by what most of them say, or not at all (default). */
	readonly select?: 'judge' | 'consistency' | 'none';
	readonly judge?: Omit<JudgeOptions, 'complete'> & { readonly complete?: Complete };
	/** Rejection sampling: a prompt whose best sample is below this is dropped. Default 0.5 with `select`. */
	readonly minScore?: number;
	/** Prompts at once. Default 4. */
	readonly concurrency?: number;
	/** No new prompt is begun once so many tokens (prompts, answers and judging) are used. */
	readonly maxTotalTokens?: number;
	/** No new prompt is begun after so long. */
	readonly maxMs?: number;
	/** Makes a run resumable: prompts whose record is there already are passed over. */
	readonly store?: Pick<RecordStore, 'get' | 'append'>;
}

export interface Generated {
	/** Position of the prompt, from 0. */
	readonly position: number;
	readonly outcome: 'answered' | 'known' | 'rejected' | 'failed';
	readonly record?: ExchangeRecord;
	/** For `rejected` and `failed`. */
	readonly reason?: string;
}

export interface GenerateReport {
	readonly answered: number;
	readonly known: number;
	readonly rejected: number;
	readonly failed: number;
	readonly tokens: number;
	/** Why it ended before the prompts did. */
	readonly stopped?: 'tokens' | 'time';
}
