// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

/** Characters of all passages that are given to an engine. */
export const DEFAULT_MAX_PASSAGE_CHARACTERS = 24_000;

/**
 * Score from which a sentence counts as supported, with embeddings and with words alone. Chosen on the even half of
 * test/fixtures/grounding (`npm run eval -- grounding` prints the curve).
 */
export const GROUNDING_THRESHOLDS = { embedded: 0.6, wordsOnly: 0.45 };
