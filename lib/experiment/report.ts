import { ExperimentError } from './errors';
import { analyseExperiment, type Comparison, type ExperimentPlan, type VariantResult } from './analysis';
import type { Ending, ExperimentData } from './store';
import { formatNumber, type Scale } from './resultTable';
import { EMPTY_SAMPLE, mergeSamples, varianceOf, type Sample } from './samples';
import { SEQUENTIAL_BURN_IN } from './sequential';
import { unitsNeeded } from './sampleSize';
import { splitTest } from './significance';

export interface GuardrailOptions {
	readonly metric: string;
	readonly better: 'higher' | 'lower';
	/** How much worse than the control is tolerated, in the metric's unit; above 0. */
	readonly tolerated: number;
}

export interface ExperimentReportOptions {
	readonly metric: string;
	/** Default `higher`. */
	readonly better?: 'higher' | 'lower';
	/** The smallest difference that would matter, in the metric's unit. Fix it before looking. */
	readonly smallestEffect: number;
	readonly guardrails?: readonly GuardrailOptions[];
	/** Units without an outcome of the metric count as 0 (only successes are recorded). Default false: they are left out. */
	readonly missingIsZero?: boolean;
	/** Default 0.05. */
	readonly alpha?: number;
	/** Units per variant at which it ends undecided; with `fixed` the one look is there. */
	readonly maxPerVariant?: number;
	readonly stopping?: ExperimentPlan['stopping'];
}

export interface MetricFigures {
	readonly n: number;
	readonly mean: number;
	/** Standard deviation; absent below two units. */
	readonly deviation?: number;
}

export interface VariantFigures {
	readonly variant: string;
	readonly isControl: boolean;
	readonly weight: number;
	readonly assigned: number;
	/** Units it should have by the weights. */
	readonly expected: number;
	readonly metrics: { readonly [metric: string]: MetricFigures };
}

export interface VariantReport extends VariantResult {
	/** The verdict as a sentence with its figures. */
	readonly text: string;
	/** Units per variant to find the smallest effect with 80 % chance; absent while the spread is unknown. */
	readonly unitsNeeded?: number;
	readonly unitsMissing?: number;
}

/**
 * `winner`: a variant is better and safe · `keepControl`: all are worse · `continue`: not known yet · `inconclusive`: the planned
 * size is reached without a difference · `brokenSplit`: nothing can be said before its cause is found.
 */
export type Decision = 'winner' | 'keepControl' | 'continue' | 'inconclusive' | 'brokenSplit';

export interface ExperimentReport {
	readonly experiment: string;
	readonly decision: Decision;
	readonly winner?: string;
	readonly summary: string;
	readonly metric: string;
	readonly variants: readonly VariantFigures[];
	readonly comparisons: readonly VariantReport[];
	readonly split: { readonly p: number; readonly broken: boolean };
	readonly scales: { readonly [metric: string]: Scale };
	readonly warnings: readonly string[];
	readonly unassigned: number;
	readonly late: number;
	readonly firstAt: number;
	readonly lastAt: number;
	readonly ended?: Ending;
}

/**
 * What an experiment says so far. Pure: the same data give the same report.
 * @throws ExperimentError `invalidOptions`
 */
export function reportExperiment(data: ExperimentData, options: ExperimentReportOptions): ExperimentReport {
	const { metric, better = 'higher', guardrails = [] } = options;
	for (const { metric: name, tolerated } of guardrails)
		if (!(tolerated > 0 && Number.isFinite(tolerated)))
			throw new ExperimentError(
				'invalidOptions',
				`Say how much harm to "${name}" is tolerated, as a number above 0.`,
			);
	const kindOf = (name: string) => (data.yesNo.has(name) ? ('share' as const) : ('mean' as const));
	const plan: ExperimentPlan = {
		name: data.experiment,
		variants: data.variants,
		primary: { name: metric, better, kind: kindOf(metric), expectedEffect: options.smallestEffect },
		// The test is quickest for effects about as large as what would stop the variant.
		guardrails: guardrails.map((guardrail) => ({
			name: guardrail.metric,
			better: guardrail.better,
			kind: kindOf(guardrail.metric),
			expectedEffect: guardrail.tolerated,
			margin: guardrail.tolerated,
		})),
		alpha: options.alpha,
		maxPerVariant: options.maxPerVariant,
		stopping: options.stopping,
	};
	const samples = options.missingIsZero === true ? withMissing(data, metric) : data.samples;
	const result = analyseExperiment(plan, samples, data);
	const names = [metric, ...guardrails.map((guardrail) => guardrail.metric)];
	const scales = Object.fromEntries(
		names.map((name) => [name, kindOf(name) === 'share' ? ('percent' as const) : ('number' as const)]),
	);
	const comparisons = result.results.map((each): VariantReport => {
		const needed = unitsNeeded(each.primary.control, each.primary.treatment, {
			effect: options.smallestEffect,
			alpha: (options.alpha ?? 0.05) / (data.variants.length - 1),
			stopping: options.stopping,
		});
		const have = Math.min(each.primary.control.n, each.primary.treatment.n);
		const missing = needed === undefined ? undefined : Math.max(0, needed - have);
		return {
			...each,
			text: sentence(each, scales, missing),
			...(needed !== undefined && { unitsNeeded: needed, unitsMissing: missing }),
		};
	});
	const { decision, winner } = decide(comparisons, result.splitBroken, better);
	return {
		experiment: data.experiment,
		decision,
		...(winner !== undefined && { winner }),
		summary: result.splitBroken
			? 'The units are not split as the weights say: find out why before believing any figure.'
			: comparisons.map(({ text }) => text).join(' '),
		metric,
		variants: data.variants.map(({ name, weight = 1 }, index) => ({
			variant: name,
			isControl: index === 0,
			weight,
			assigned: data.assigned.get(name) ?? 0,
			expected: data.expected.get(name) ?? 0,
			metrics: Object.fromEntries(
				names.map((each) => [each, figuresOf(samples.get(name)?.get(each) ?? EMPTY_SAMPLE)]),
			),
		})),
		comparisons,
		split: { p: result.splitP, broken: result.splitBroken },
		scales,
		warnings: warningsOf(data, samples, names, result.splitP, result.splitBroken),
		unassigned: data.unassigned,
		late: data.late,
		firstAt: data.firstAt,
		lastAt: data.lastAt,
		...(data.ended && { ended: data.ended }),
	};
}

function withMissing(data: ExperimentData, metric: string): ExperimentData['samples'] {
	return new Map(
		data.variants.map(({ name }) => {
			const known = data.samples.get(name) ?? new Map<string, Sample>();
			const sample = known.get(metric) ?? EMPTY_SAMPLE;
			const zeros = { n: Math.max(0, (data.assigned.get(name) ?? 0) - sample.n), mean: 0, m2: 0 };
			return [name, new Map(known).set(metric, mergeSamples(sample, zeros))];
		}),
	);
}

function figuresOf(sample: Sample): MetricFigures {
	const variance = varianceOf(sample);
	return {
		n: sample.n,
		mean: sample.mean,
		...(Number.isFinite(variance) && { deviation: Math.sqrt(variance) }),
	};
}

function decide(
	comparisons: readonly VariantReport[],
	broken: boolean,
	better: 'higher' | 'lower',
): { readonly decision: Decision; readonly winner?: string } {
	if (broken) return { decision: 'brokenSplit' };
	const gain = ({ primary }: VariantReport) =>
		better === 'higher' ? primary.difference : -primary.difference;
	const [best] = comparisons.filter(({ verdict }) => verdict === 'better').sort((a, b) => gain(b) - gain(a));
	if (best !== undefined) return { decision: 'winner', winner: best.variant };
	if (comparisons.every(({ verdict }) => verdict === 'worse')) return { decision: 'keepControl' };
	return {
		decision: comparisons.some(({ verdict }) => verdict === 'continue') ? 'continue' : 'inconclusive',
	};
}

/** "+6.0 points (2.1 to 9.9)"; without an interval while nothing can be said. */
export function differenceText({ difference, low, high }: Comparison, scale: Scale): string {
	const signed = (value: number) => (value > 0 ? '+' : '') + formatNumber(value, scale);
	const unit = scale === 'percent' ? ' points' : '';
	if (!Number.isFinite(low) || !Number.isFinite(high))
		return `${signed(difference)}${unit}, interval not known yet`;
	return `${signed(difference)}${unit} (${signed(low)} to ${signed(high)})`;
}

function sentence(
	{ variant, verdict, primary, guardrails }: VariantResult,
	scales: { readonly [metric: string]: Scale },
	missing: number | undefined,
): string {
	const figures = `${primary.metric} ${differenceText(primary, scales[primary.metric] ?? 'number')}`;
	const harmed = guardrails.filter(({ state }) => state === 'harmed').map(({ metric }) => metric);
	const open = guardrails.filter(({ state }) => state === 'undecided').map(({ metric }) => metric);
	switch (verdict) {
		case 'better':
			return `“${variant}” is better: ${figures}.`;
		case 'worse':
			return harmed.length > 0
				? `“${variant}” harms ${harmed.join(' and ')}: stop it. ${figures}.`
				: `“${variant}” is worse: ${figures}.`;
		case 'inconclusive':
			return `“${variant}” makes no difference that was found: ${figures}.`;
		case 'continue': {
			const wait =
				missing === undefined
					? 'there are too few outcomes to say how many more are needed'
					: missing > 0
						? `up to ${missing} more units per variant are needed`
						: 'enough units for the difference that matters; it is likely smaller';
			const guards = open.length > 0 ? ` Not yet known to be safe: ${open.join(', ')}.` : '';
			return `“${variant}” is not decided: ${figures}; ${wait}.${guards}`;
		}
	}
}

function warningsOf(
	data: ExperimentData,
	samples: ExperimentData['samples'],
	metrics: readonly string[],
	splitP: number,
	broken: boolean,
): string[] {
	const warnings: string[] = [];
	const count = (variant: string, metric: string) => samples.get(variant)?.get(metric)?.n ?? 0;
	if (broken)
		warnings.push(
			`The split is off (p = ${splitP.toExponential(1)}): units are lost or counted twice somewhere between the assignment and here.`,
		);
	for (const metric of metrics) {
		const counts = data.variants.map(({ name }) => count(name, metric));
		if (counts.every((n) => n === 0)) {
			const known = new Set([...data.samples.values()].flatMap((of) => [...of.keys()]));
			warnings.push(
				`No outcome of "${metric}" has been recorded. Recorded: ${[...known].join(', ') || 'none'}.`,
			);
			continue;
		}
		const assigned = data.variants.map(({ name }) => data.assigned.get(name) ?? 0);
		// As strict as the alarm of the split: it too is looked at again and again.
		if (assigned.every((n) => n > 0) && splitTest(counts, assigned) < 0.0005)
			warnings.push(
				`Outcomes of "${metric}" come from different shares of the variants’ units (${counts.map((n, i) => `${n} of ${assigned[i]}`).join(', ')}): a variant that loses outcomes cannot be compared.`,
			);
		if (counts.some((n) => n < SEQUENTIAL_BURN_IN))
			warnings.push(
				`Fewer than ${SEQUENTIAL_BURN_IN} units of a variant have an outcome of "${metric}": nothing is decided before.`,
			);
	}
	if (data.planChanges > 0)
		warnings.push(
			`Variants or weights were changed ${data.planChanges} time${data.planChanges === 1 ? '' : 's'} while it ran: where the metric drifts over time, variants that ran at different times differ for that alone.`,
		);
	if (data.unassigned > 0)
		warnings.push(`${data.unassigned} outcomes belong to units that were never assigned and do not count.`);
	if (data.late > 0) warnings.push(`${data.late} outcomes came too late and do not count.`);
	return warnings;
}
