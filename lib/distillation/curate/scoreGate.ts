import { mapAll } from '../../support';
import { scoreAnswer, type JudgeOptions } from '../generate/judge';
import { messageOfAnswer, textOf } from '../messages';
import type { ExchangeRecord } from '../types';
import type { Gate, Verdict } from './types';

export type JudgeRecord = (
	record: ExchangeRecord,
	call: { readonly signal?: AbortSignal },
) => Promise<{ readonly score: number; readonly reason?: string }>;

export interface ScoreOptions {
	/** Records below this are rejected. */
	readonly minScore: number;
	/** Which of `record.scores` counts, where there is no judge; the first answer's own score comes first. Default `judge`. */
	readonly name?: string;
	/** Scores records that have no score yet. */
	readonly judge?: JudgeRecord;
	/** Judgements at once. Default 4. */
	readonly concurrency?: number;
	/** Records without a score: `keep` (default) or `reject`. */
	readonly unscored?: 'keep' | 'reject';
}

/** A judge for the gate: a model that scores the first answer by the rubric (see `scoreAnswer`). */
export function judgeBy(options: JudgeOptions): JudgeRecord {
	return ({ messages, answers }, call) =>
		scoreAnswer(messages, answers[0] === undefined ? '' : textOf(messageOfAnswer(answers[0])), options, call);
}

/** Rejects records whose judge or reward score is too low. */
export function scoreGate(options: ScoreOptions): Gate {
	const { minScore, name = 'judge', judge, concurrency = 4, unscored = 'keep' } = options;
	const decide = (record: ExchangeRecord, score: number | undefined, why?: string): Verdict => {
		if (score === undefined) return unscored === 'reject' ? { reason: 'noScore' } : undefined;
		if (score < minScore)
			return { reason: 'lowScore', detail: why === undefined ? String(score) : `${score}: ${why}` };
		return record.scores?.[name] === score
			? undefined
			: { record: { ...record, scores: { ...record.scores, [name]: score } } };
	};
	const known = (record: ExchangeRecord) => record.answers[0]?.score ?? record.scores?.[name];
	if (judge === undefined) return { name: 'score', judge: (record) => decide(record, known(record)) };
	return {
		name: 'score',
		judgeAll: (records, signal) =>
			mapAll(records, Math.max(1, concurrency), async (record) => {
				const score = known(record);
				if (score !== undefined) return decide(record, score);
				const verdict = await judge(record, { signal });
				return decide(record, verdict.score, verdict.reason);
			}),
	};
}
