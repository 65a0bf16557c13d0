// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

/** Characters of all passages that are given to an engine. */
export const DEFAULT_MAX_PASSAGE_CHARACTERS = 24_000;

/**
 * Score from which a sentence counts as supported, with a model and with words alone. Chosen on
 * test/fixtures/grounding/pairs.jsonl; docs/answers.md has the figures of the pairs that were written later.
 */
export const GROUNDING_THRESHOLDS = { embedded: 0.43, wordsOnly: 0.45 };
