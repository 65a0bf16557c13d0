import { ExperimentError } from './errors';
import { varianceOf, type Sample } from './samples';
import { checkAlpha, type Difference } from './significance';

export interface SequentialOptions {
	/** Chance of ever calling a difference that is none. Default 0.05. */
	readonly alpha?: number;
	/**
	 * The size of difference that would matter, in the metric's unit: the test is quickest for effects of about this size and
	 * right for all. It is the standard deviation of the mixture over effects (tau), and must not be changed after looking.
	 */
	readonly expectedEffect: number;
	/** p-value of the previous look; an always-valid p-value never rises. */
	readonly previousP?: number;
}

/** Below so many observations per variant the normal approximation is not trusted: p is 1 and the interval unbounded. */
export const SEQUENTIAL_BURN_IN = 100;

/**
 * Difference `b - a` with an always-valid p-value and interval: they may be looked at after every observation, and stopping at the
 * first significant look keeps the error rate at alpha. Mixture sequential probability ratio test with a normal mixture
 * N(0, tau²) over effects (Robbins, Ann. Math. Stat. 41, 1970; Johari, Koomen, Pekelis & Walsh, "Always Valid Inference",
 * Operations Research 70, 2022), with the variance estimated, which makes it valid asymptotically
 * (Waudby-Smith et al., "Time-uniform central limit theory", Ann. Statist. 52, 2024): hence {@link SEQUENTIAL_BURN_IN}.
 *
 * With V the variance of the difference: Λ = √(V/(V+τ²)) · exp(τ²·d² / (2V(V+τ²))), p = 1/Λ, and the interval is all effects whose Λ
 * stays below 1/alpha.
 */
export function sequentialTest(a: Sample, b: Sample, options: SequentialOptions): Difference {
	const { alpha = 0.05, expectedEffect, previousP = 1 } = options;
	checkAlpha(alpha);
	if (!(expectedEffect > 0 && Number.isFinite(expectedEffect)))
		throw new ExperimentError(
			'invalidOptions',
			`expectedEffect must be a number above 0, got ${expectedEffect}.`,
		);
	const difference = b.mean - a.mean;
	const variance = varianceOf(a) / a.n + varianceOf(b) / b.n;
	// Without any spread so far (say, no success yet) nothing can be said about the next observation.
	if (Math.min(a.n, b.n) < SEQUENTIAL_BURN_IN || variance === 0)
		return { difference, low: -Infinity, high: Infinity, p: previousP };
	const tau2 = expectedEffect ** 2;
	const logRatio =
		0.5 * Math.log(variance / (variance + tau2)) +
		(tau2 * difference ** 2) / (2 * variance * (variance + tau2));
	const margin = sequentialMargin(variance, expectedEffect, alpha);
	return {
		difference,
		low: difference - margin,
		high: difference + margin,
		p: Math.min(previousP, 1, Math.exp(-logRatio)),
	};
}

/** Half the width of the always-valid interval of a difference with this variance. */
export function sequentialMargin(variance: number, expectedEffect: number, alpha: number): number {
	const tau2 = expectedEffect ** 2;
	return Math.sqrt(
		((variance * (variance + tau2)) / tau2) *
			(2 * Math.log(1 / alpha) + Math.log((variance + tau2) / variance)),
	);
}
