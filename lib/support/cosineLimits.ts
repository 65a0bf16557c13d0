/**
 * What a cosine means with an embedding model. Models differ: two texts that have nothing to do with each other have a cosine near 0
 * with one and of 0.78 with another, so no limit may be carried over. Texts are embedded as questions or as passages, as the
 * model wants them.
 */
export interface CosineLimits {
	/** Of two passages about different things: half of the pairs lie below. */
	readonly unrelatedPassages: number;
	/** Of a question and a passage about something else: half lie below. */
	readonly unrelated: number;
	/** Of the same pairs: 99 of 100 lie below. */
	readonly unrelatedAtMost: number;
	/** Of a question and the passage that answers it: 9 of 10 lie above. */
	readonly relatedFrom: number;
	/** Two texts of the same kind, both embedded as questions, say the same in other words from here on. */
	readonly paraphrase: number;
	/** Of two sentences of one subject, both embedded as questions: `other` where they say different things, `same` where they say the same. */
	readonly statements?: { readonly other: number; readonly same: number };
}

/**
 * Measured by `npm run eval -- limits` (passages of 800 characters, two English documents, 220 questions), `paraphrase` by the test
 * contamination.test.ts (12 paraphrased questions and 12 other texts), `statements` by the odd documents of test/fixtures/grounding: of
 * unrelated sentences nine in ten lie between 0.86 and 0.91, of paraphrases between 0.86 and 0.96.
 */
const LIMITS: ReadonlyArray<readonly [model: RegExp, limits: CosineLimits]> = [
	[
		/(?:^|[-/_.])e5-(?:small|base|large)(?!.*instruct)/,
		{
			unrelatedPassages: 0.77,
			unrelated: 0.74,
			unrelatedAtMost: 0.79,
			relatedFrom: 0.82,
			paraphrase: 0.885,
			statements: { other: 0.85, same: 0.95 },
		},
	],
	[
		/^static-minilm/,
		{
			unrelatedPassages: 0.06,
			unrelated: 0.03,
			unrelatedAtMost: 0.28,
			relatedFrom: 0.29,
			paraphrase: 0.7,
		},
	],
	[
		/minilm/,
		{
			unrelatedPassages: 0,
			unrelated: 0.01,
			unrelatedAtMost: 0.22,
			relatedFrom: 0.36,
			paraphrase: 0.7,
		},
	],
];

/** The limits of a model by its name, also where an engine gives it a longer one; undefined for a model that was not measured. */
export function cosineLimitsOf(model: string): CosineLimits | undefined {
	const name = model.toLowerCase();
	return LIMITS.find(([isOne]) => isOne.test(name))?.[1];
}

/**
 * A cosine on the scale on which unrelated texts have 0 and equal ones 1, so that cosines of different models can be weighed
 * against other figures.
 *
 * @param unrelated cosine of unrelated texts with the model; 0 for one that was not measured
 */
export const scaledCosine = (cosine: number, unrelated: number): number =>
	Math.max(0, (cosine - unrelated) / (1 - unrelated));
