// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

/** Defaults of `EmbedOptions`. */
export const EMBED_DEFAULTS = {
	batchSize: 128,
	batchTokens: 16_384,
	concurrency: 2,
	onTooLong: 'fail',
	normalize: true,
} as const;

/** Defaults of `MeasureOptions`. */
export const MEASURE_DEFAULTS = {
	concurrency: [1, 2, 4, 8],
	promptTokens: 256,
	maxTokens: 128,
	budgetMs: 120_000,
} as const;

/** How often a model is shown its errors and asked again. */
export const MAX_REPAIRS = 2;

/** The same tool with the same arguments in one run of an agent: a second try may help, a fourth never does. */
export const MAX_REPEATED_CALLS = 3;
