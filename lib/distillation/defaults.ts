// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

/** What a judge looks for. */
export const DEFAULT_RUBRIC = 'The answer is correct, complete and concise.';

/** A paraphrase with a model that was not measured: most paraphrases lie above, and with most models other texts below. */
export const MIN_COSINE = 0.9;

/** Share of the rows of the set before that a new one must have. */
export const LEAST_ROWS = 0.5;
