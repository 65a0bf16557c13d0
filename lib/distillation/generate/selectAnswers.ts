import { parseJson } from '../../support';
import type { Answer, Message } from '../types';
import { compareAnswers, scoreAnswer, type JudgeOptions } from './judge';

/** The answer in a form in which equal means the same: JSON by value, text by its words. */
function meaning(content: string): string {
	const value = parseJson(content);
	return value === undefined
		? content
				.toLowerCase()
				.replace(/[^\p{L}\p{N}]+/gu, ' ')
				.trim()
		: JSON.stringify(value);
}

/** Self-consistency (Wang et al. 2022): an answer's score is the share of samples that say the same. */
export function byConsistency(answers: readonly Answer[]): Answer[] {
	const votes = new Map<string, number>();
	for (const answer of answers)
		votes.set(meaning(answer.content), (votes.get(meaning(answer.content)) ?? 0) + 1);
	const seen = new Set<string>();
	return answers
		.filter((answer) => !seen.has(meaning(answer.content)) && seen.add(meaning(answer.content)))
		.map((answer) => ({ ...answer, score: (votes.get(meaning(answer.content)) ?? 0) / answers.length }))
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
