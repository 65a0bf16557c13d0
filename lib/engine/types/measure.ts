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
	/**
	 * The first request sent again: the share of its prompt (0 to 1) that came from the engine's prefix cache, and how soon the
	 * answer began. Absent where the engine does not tell.
	 */
	readonly prefixCache?: {
		readonly hitShare: number;
		readonly firstTokenMs: number;
		readonly firstTokenMsBefore: number;
	};
	/** Speculative decoding: the share of proposed tokens that were kept, 0 to 1. Absent without it. */
	readonly draftAcceptance?: number;
	/** Highest concurrency that held the target, and the arrival rate it stands for (Little's law: N = λ · W). */
	readonly capacity?: { readonly concurrency: number; readonly requestsPerSecond: number };
	/** The sweep ended early because of its budget or because nothing got better. */
	readonly stopped?: string;
}

export type MeasureEvent =
	| { readonly type: 'step'; readonly step: MeasureStep }
	| { readonly type: 'report'; readonly report: MeasureReport };
