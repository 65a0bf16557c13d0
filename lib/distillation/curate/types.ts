import type { ExchangeRecord } from '../types';

/** The gates in the order they run; the names appear in the funnel and on rejected rows. */
export const GATES = [
	'finishReason',
	'empty',
	'refusal',
	'toolCalls',
	'schema',
	'length',
	'language',
	'exactDuplicate',
	'nearDuplicate',
	'contamination',
	'personalData',
	'score',
	'licence',
	'balance',
] as const;
export type GateName = (typeof GATES)[number];

/** `undefined`: keep as it is · `reason`: reject · `record`: keep, changed. */
export type Verdict =
	| undefined
	| { readonly reason: string; readonly detail?: string }
	| { readonly record: ExchangeRecord };

/** A gate decides by one record, or by many at once where that is cheaper (embeddings, a judge). */
export type Gate = { readonly name: GateName } & (
	| { readonly judge: (record: ExchangeRecord) => Verdict }
	| {
			readonly judgeAll: (
				records: readonly ExchangeRecord[],
				signal: AbortSignal | undefined,
			) => Promise<readonly Verdict[]>;
	  }
);

export interface GateCount {
	readonly gate: GateName;
	readonly in: number;
	readonly kept: number;
	readonly rejected: number;
	/** Kept with changes (personal data redacted). */
	readonly changed: number;
	readonly reasons: { readonly [reason: string]: number };
}

export type SplitName = 'train' | 'validation' | 'test';

/** What went in, what each gate did, what came out. */
export interface Funnel {
	readonly input: number;
	readonly gates: readonly GateCount[];
	readonly kept: number;
	readonly splits: { readonly [split in SplitName]: number };
}

export interface CuratedRecord {
	readonly record: ExchangeRecord;
	readonly split: SplitName;
	/** Name of the group that must not part: near-duplicates, conversation and source document together. */
	readonly group: string;
}

export interface RejectedRecord {
	readonly record: ExchangeRecord;
	readonly gate: GateName;
	readonly reason: string;
	readonly detail?: string;
}
