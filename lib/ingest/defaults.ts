// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

/** Share of the documents that a mirror run may remove. */
export const MAX_REMOVED = 0.3;

/** A sync whose vectors would take longer stores texts and words first. */
export const WAIT_FOR_VECTORS_MS = 60_000;
