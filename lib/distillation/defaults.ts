// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

/** What a judge looks for. */
export const DEFAULT_RUBRIC = 'The answer is correct, complete and concise.';
