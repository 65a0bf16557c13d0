import { meaningOf } from '../sameAnswer';
import type { Answer, Message } from '../types';
import { compareAnswers, scoreAnswer, type JudgeOptions } from './judge';

/** Self-consistency (Wang et al. 2022): an answer's score is the share of samples that say the same. */
export function byConsistency(answers: readonly Answer[]): Answer[] {
	const votes = new Map<string, { readonly answer: Answer; count: number }>();
	for (const answer of answers) {
		const meaning = meaningOf(answer);
		const vote = votes.get(meaning);
		if (vote) vote.count++;
		else votes.set(meaning, { answer, count: 1 });
	}
	return [...votes.values()]
		.map(({ answer, count }) => ({ ...answer, score: count / answers.length }))
		.sort((a, b) => b.score - a.score);
}

/** Scores every sample by the rubric; the two best are compared in both orders, for scores are coarse. */
export async function byJudge(
	messages: readonly Message[],
	answers: readonly Answer[],
	judge: JudgeOptions,
	signal: AbortSignal | undefined,
): Promise<{ answers: Answer[]; tokens: number }> {
	const call = signal === undefined ? {} : { signal };
	let tokens = 0;
	const scored: Array<Answer & { readonly score: number }> = [];
	for (const answer of answers) {
		const judgement = await scoreAnswer(messages, answer.content, judge, call);
		tokens += judgement.tokens;
		scored.push({ ...answer, score: judgement.score });
	}
	scored.sort((a, b) => b.score - a.score);
	const [first, second, ...rest] = scored;
	if (
		first === undefined ||
		second === undefined ||
		first.score !== second.score ||
		first.content === second.content
	)
		return { answers: scored, tokens };
	const comparison = await compareAnswers(messages, first.content, second.content, judge, call);
	tokens += comparison.tokens;
	return { answers: comparison.better === 'second' ? [second, first, ...rest] : scored, tokens };
}
