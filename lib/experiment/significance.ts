import { wilson } from '../support';
import {
	chiSquaredUpper,
	normalCdf,
	normalQuantile,
	studentCritical,
	studentTwoSided,
} from './distributions';
import { ExperimentError } from './errors';
import { varianceOf, type Sample } from './samples';

/** A difference `b - a` with a two-sided p-value and an interval. */
export interface Difference {
	readonly difference: number;
	readonly low: number;
	readonly high: number;
	readonly p: number;
}

/**
 * Difference of two means by Welch's t-test (Welch 1947). For a sample size fixed beforehand: looking repeatedly and
 * stopping when it turns significant makes it wrong; use {@link sequentialTest} for that.
 *
 * @throws ExperimentError `invalidData` below two observations in a sample
 */
export function welchTest(a: Sample, b: Sample, alpha = 0.05): Difference {
	requireObservations(2, a, b);
	checkAlpha(alpha);
	const difference = b.mean - a.mean;
	const [va, vb] = [varianceOf(a) / a.n, varianceOf(b) / b.n];
	const variance = va + vb;
	if (variance === 0) return { difference, low: difference, high: difference, p: difference === 0 ? 1 : 0 };
	const df = variance ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
	const margin = studentCritical(alpha, df) * Math.sqrt(variance);
	return {
		difference,
		low: difference - margin,
		high: difference + margin,
		p: studentTwoSided(difference / Math.sqrt(variance), df),
	};
}

/**
 * Difference of two shares of yes/no outcomes: p by the pooled z-test, interval by Newcombe's hybrid of two Wilson intervals
 * (Newcombe, Statistics in Medicine 17, 1998, method 10), which stays inside -1…1 and holds its coverage near 0 and 1. For a
 * sample size fixed beforehand, as {@link welchTest}. Near 0.05 the two may disagree slightly: they rest on different variances.
 */
export function proportionTest(a: Sample, b: Sample, alpha = 0.05): Difference {
	requireObservations(1, a, b);
	checkAlpha(alpha);
	for (const { mean, n, m2 } of [a, b])
		if (Math.abs(m2 - n * mean * (1 - mean)) > 1e-6 * n)
			throw new ExperimentError('invalidData', 'A share can only be tested on outcomes that are all 0 or 1.');
	const difference = b.mean - a.mean;
	const pooled = (a.mean * a.n + b.mean * b.n) / (a.n + b.n);
	const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / a.n + 1 / b.n));
	const z = normalQuantile(1 - alpha / 2);
	const [wa, wb] = [wilson(a.mean * a.n, a.n, z), wilson(b.mean * b.n, b.n, z)];
	return {
		difference,
		low: difference - Math.hypot(b.mean - wb.low, wa.high - a.mean),
		high: difference + Math.hypot(wb.high - b.mean, a.mean - wa.low),
		p: deviation === 0 ? 1 : 2 * normalCdf(-Math.abs(difference / deviation)),
	};
}

/**
 * p-value that the units were split as the weights say (chi-squared). A small one means that assignment or recording is broken
 * and no other figure of the experiment can be trusted (sample ratio mismatch: Fabijan et al., KDD 2019, who alarm below 0.0005).
 */
export function splitTest(counts: readonly number[], weights: readonly number[]): number {
	const all = counts.reduce((sum, count) => sum + count, 0);
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	if (all === 0 || counts.length < 2) return 1;
	const statistic = counts.reduce((sum, count, index) => {
		const expected = (all * (weights[index] ?? 0)) / total;
		return sum + (count - expected) ** 2 / expected;
	}, 0);
	return chiSquaredUpper(statistic, counts.length - 1);
}

export function checkAlpha(alpha: number): void {
	if (!(alpha > 0 && alpha < 1))
		throw new ExperimentError('invalidOptions', `alpha must lie between 0 and 1, got ${alpha}.`);
}

function requireObservations(least: number, ...samples: readonly Sample[]): void {
	for (const { n } of samples)
		if (n < least)
			throw new ExperimentError(
				'invalidData',
				`A test needs at least ${least} observations per variant, got ${n}.`,
			);
}
