import { cosineLimitsOf } from '../support';

/** What a score of vector search means with a model, as a sentence; undefined for a model that was not measured. */
export function scoresOf(model: string): string | undefined {
	const limits = cosineLimitsOf(model);
	if (!limits) return undefined;
	const { relatedFrom, unrelatedAtMost } = limits;
	return `In vector search with ${model}, a passage that answers the question usually has a score of ${relatedFrom} or more, and a passage about something else at most ${unrelatedAtMost}.`;
}

/** Says that a *Minimum Score* that was set for the model before has to be set again. */
export function scoreNotice(before: string, now: string): string {
	const measured = scoresOf(now);
	return `The embedding model changed from ${before} to ${now}. If a search by meaning has a Minimum Score that was set for ${before}, set it again: scores of different models cannot be compared.${measured === undefined ? '' : ` ${measured}`}`;
}
