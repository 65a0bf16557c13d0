import { compact, meanOf } from '../support';
import type { Answer, ExchangeRecord, Feedback, Preference } from './types';

/**
 * The record with what people said about it, in order of time: the last thumb labels the answer, a correction becomes
 * the first answer (author `human`, the one to learn from), scores are averaged into `scores.feedback`.
 */
export function applyFeedback(record: ExchangeRecord, feedback: readonly Feedback[]): ExchangeRecord {
	if (feedback.length === 0) return record;
	const inTime = [...feedback].sort(
		(a, b) => compareText(a.at ?? '', b.at ?? '') || compareText(a.id ?? '', b.id ?? ''),
	);
	const thumb = inTime.findLast((entry) => entry.thumb !== undefined)?.thumb;
	const correction = inTime.findLast((entry) => entry.correction !== undefined)?.correction;
	const scores = inTime.flatMap((entry) => (entry.score === undefined ? [] : [entry.score]));
	const labels: { [name: string]: string } = { ...record.labels };
	for (const entry of inTime) Object.assign(labels, entry.labels);
	const [given, ...others] = record.answers;
	const answers: Answer[] = [...others];
	if (given !== undefined) {
		const wanted = thumb === undefined ? given.label : thumb === 'up';
		answers.unshift(compact({ ...given, label: correction === undefined ? wanted : false }));
	}
	if (correction !== undefined) {
		answers.unshift({ content: correction, finishReason: 'stop', author: 'human', label: true });
	}
	return compact({
		...record,
		answers,
		labels: Object.keys(labels).length === 0 ? undefined : labels,
		scores: scores.length === 0 ? record.scores : { ...record.scores, feedback: meanOf(scores) },
	});
}

function compareText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Pairs to learn a preference from: a person's answer against each model answer, wanted against unwanted, and the best
 * scored answer against each that is worse by at least `margin`. The same text is never paired with itself.
 */
export function preferences(
	record: ExchangeRecord,
	options: { readonly margin?: number } = {},
): Preference[] {
	const margin = options.margin ?? 0.1;
	const pairs: Preference[] = [];
	for (const chosen of record.answers) {
		for (const rejected of record.answers) {
			if (chosen === rejected || chosen.content === rejected.content) continue;
			if (isPreferred(chosen, rejected, margin)) pairs.push({ chosen, rejected });
		}
	}
	// One chosen answer per record: pairs among the losers teach little and outweigh records with few samples.
	const best = pairs[0]?.chosen;
	return pairs.filter((pair) => pair.chosen === best);
}

function isPreferred(a: Answer, b: Answer, margin: number): boolean {
	const human = (answer: Answer) => answer.author === 'human';
	if (human(a) !== human(b)) return human(a);
	if (a.label !== undefined && b.label !== undefined && a.label !== b.label) return a.label;
	return a.score !== undefined && b.score !== undefined && a.score - b.score >= margin;
}
