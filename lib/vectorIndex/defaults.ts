// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

/** Defaults of `TuneOptions`. */
export const TUNE_DEFAULTS = { sample: 200, budgetMs: 600_000 } as const;
