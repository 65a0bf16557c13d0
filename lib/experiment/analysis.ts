import { checkVariants, type Variant } from './assign';
import { ExperimentError } from './errors';
import { EMPTY_SAMPLE, shareSample, type Sample } from './samples';
import { sequentialTest } from './sequential';
import { proportionTest, splitTest, welchTest, type Difference } from './significance';

export interface ExperimentMetric {
	readonly name: string;
	readonly better: 'higher' | 'lower';
	/** `share`: outcomes are 0 or 1. `mean`: any number. */
	readonly kind: 'share' | 'mean';
	/** The size of difference that would matter, in the metric's unit; see {@link SequentialOptions}. */
	readonly expectedEffect: number;
}

export interface Guardrail extends ExperimentMetric {
	/** How much worse than the control is still tolerated, in the metric's unit (0 or more). */
	readonly margin: number;
}

export interface ExperimentPlan {
	readonly name: string;
	/** The control first. */
	readonly variants: readonly Variant[];
	readonly primary: ExperimentMetric;
	readonly guardrails?: readonly Guardrail[];
	/** Default 0.05, shared by all comparisons with the control (Bonferroni). */
	readonly alpha?: number;
	/** Units per variant at which the experiment ends undecided. Default: none. */
	readonly maxPerVariant?: number;
	/**
	 * `sequential` (default): may be looked at any time. `fixed`: looked at once, at `maxPerVariant`, which is then required; before
	 * that it reports `continue` whatever the figures say.
	 */
	readonly stopping?: 'sequential' | 'fixed';
}

/** Samples by variant name, then metric name. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, Sample>>;

/** How units were split among the variants, and how they should have been (any scale). */
export interface Split {
	readonly assigned: ReadonlyMap<string, number>;
	readonly expected: ReadonlyMap<string, number>;
}

export interface Comparison extends Difference {
	readonly metric: string;
	readonly control: Sample;
	readonly treatment: Sample;
}

export interface GuardrailComparison extends Comparison {
	/** `harmed`: worse than the margin allows. `safe`: not worse than it. `undecided`: the interval still holds both. */
	readonly state: 'harmed' | 'safe' | 'undecided';
}

export interface VariantResult {
	readonly variant: string;
	readonly primary: Comparison;
	readonly guardrails: readonly GuardrailComparison[];
	/**
	 * `better`: the primary metric improved and every guardrail is safe. `worse`: it fell, or a guardrail is harmed: stop this
	 * variant. `continue`: not known yet. `inconclusive`: not known and the planned size is reached.
	 */
	readonly verdict: 'better' | 'worse' | 'continue' | 'inconclusive';
}

export interface ExperimentResult {
	readonly name: string;
	readonly results: readonly VariantResult[];
	/** p-value that traffic was split as planned. */
	readonly splitP: number;
	/** The split is off (p < 0.0005): find out why before believing any result. Verdicts are then `continue`. */
	readonly splitBroken: boolean;
}

/** Threshold of Fabijan et al., "Diagnosing Sample Ratio Mismatch", KDD 2019: strict, because it is looked at again and again. */
const SPLIT_ALARM = 0.0005;

/**
 * Compares every variant with the control (the first) and says what to do. Pure: the same outcomes give the same answer.
 *
 * @throws ExperimentError `invalidOptions` for a plan that cannot work; `invalidData` for outcomes that are no shares where
 * shares are expected
 */
export function analyseExperiment(
	plan: ExperimentPlan,
	outcomes: Outcomes,
	/** Units by variant as they were assigned; without it the units that have an outcome stand for them. */
	split?: Split,
): ExperimentResult {
	checkPlan(plan);
	const sampleOf = (variant: string, metric: string): Sample =>
		outcomes.get(variant)?.get(metric) ?? EMPTY_SAMPLE;
	const control = plan.variants[0]?.name ?? '';
	const counts = plan.variants.map(({ name }) => sampleOf(name, plan.primary.name).n);
	const splitP = splitTest(
		split ? plan.variants.map(({ name }) => split.assigned.get(name) ?? 0) : counts,
		plan.variants.map(({ name, weight = 1 }) => split?.expected.get(name) ?? weight),
	);
	const splitBroken = splitP < SPLIT_ALARM;
	// Bonferroni over the variants; guardrails share no alpha: each protects, and missing a harm is the greater risk there.
	const alpha = (plan.alpha ?? 0.05) / (plan.variants.length - 1);
	const full = plan.maxPerVariant !== undefined && Math.min(...counts) >= plan.maxPerVariant;

	const results = plan.variants.slice(1).map(({ name: variant }): VariantResult => {
		const compare = (metric: ExperimentMetric): Comparison => {
			const [a, b] = [sampleOf(control, metric.name), sampleOf(variant, metric.name)];
			return { metric: metric.name, control: a, treatment: b, ...test(plan, metric, a, b, alpha, full) };
		};
		const primary = compare(plan.primary);
		const guardrails = (plan.guardrails ?? []).map((guardrail): GuardrailComparison => {
			const comparison = compare(guardrail);
			return { ...comparison, state: guard(comparison, guardrail) };
		});
		const verdict = splitBroken ? 'continue' : judge(plan.primary, primary, guardrails, full);
		return { variant, primary, guardrails, verdict };
	});
	return { name: plan.name, results, splitP, splitBroken };
}

function test(
	plan: ExperimentPlan,
	metric: ExperimentMetric,
	a: Sample,
	b: Sample,
	alpha: number,
	full: boolean,
): Difference {
	if (plan.stopping !== 'fixed') {
		const [x, y] = metric.kind === 'share' ? [shareSample(a), shareSample(b)] : [a, b];
		return sequentialTest(x, y, { alpha, expectedEffect: metric.expectedEffect });
	}
	if (!full) return { difference: b.mean - a.mean, low: -Infinity, high: Infinity, p: 1 };
	return metric.kind === 'share' ? proportionTest(a, b, alpha) : welchTest(a, b, alpha);
}

function guard({ low, high }: Difference, { better, margin }: Guardrail): GuardrailComparison['state'] {
	const [worst, best] = better === 'higher' ? [low, high] : [-high, -low];
	if (best < -margin) return 'harmed';
	return worst >= -margin ? 'safe' : 'undecided';
}

function judge(
	{ better }: ExperimentMetric,
	{ low, high }: Difference,
	guardrails: readonly GuardrailComparison[],
	full: boolean,
): VariantResult['verdict'] {
	const [worst, best] = better === 'higher' ? [low, high] : [-high, -low];
	if (best < 0 || guardrails.some(({ state }) => state === 'harmed')) return 'worse';
	if (worst > 0 && guardrails.every(({ state }) => state === 'safe')) return 'better';
	return full ? 'inconclusive' : 'continue';
}

function checkPlan(plan: ExperimentPlan): void {
	checkVariants(plan.variants);
	const metrics = [plan.primary, ...(plan.guardrails ?? [])];
	if (new Set(metrics.map(({ name }) => name)).size < metrics.length)
		throw new ExperimentError('invalidOptions', 'Two metrics of the experiment have the same name.');
	for (const { name, margin } of plan.guardrails ?? [])
		if (!(margin >= 0 && Number.isFinite(margin)))
			throw new ExperimentError('invalidOptions', `The margin of guardrail "${name}" must be 0 or more.`);
	if (plan.maxPerVariant !== undefined && !(Number.isInteger(plan.maxPerVariant) && plan.maxPerVariant > 0))
		throw new ExperimentError('invalidOptions', 'maxPerVariant must be a whole number above 0.');
	if (plan.stopping === 'fixed' && plan.maxPerVariant === undefined)
		throw new ExperimentError(
			'invalidOptions',
			'A test looked at once needs maxPerVariant: when that look is.',
		);
}
