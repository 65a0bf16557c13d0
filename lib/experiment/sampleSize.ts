import { normalQuantile } from './distributions';
import { ExperimentError } from './errors';
import { varianceOf, type Sample } from './samples';
import { SEQUENTIAL_BURN_IN, sequentialMargin } from './sequential';
import { checkAlpha } from './significance';

export interface SampleSizeOptions {
	/** The size of difference to find, in the metric's unit. */
	readonly effect: number;
	/** Default 0.05. */
	readonly alpha?: number;
	/** Chance of finding it when it is there. Default 0.8. */
	readonly power?: number;
	readonly stopping?: 'sequential' | 'fixed';
}

/**
 * Units per variant to find a difference of `effect`, with the spread seen so far; undefined while there is none (fewer than two
 * observations, or all alike).
 *
 * Fixed: n = (z₁₋α⸝₂ + z_power)² (s_a² + s_b²) / effect² (Chow, Shao & Wang, Sample Size Calculations, 3.2.1). Sequential: the n at
 * which the always-valid interval is so narrow that a difference of `effect` leaves it with that chance at that look; looks
 * before can only add to it, so it is an upper bound.
 */
export function unitsNeeded(a: Sample, b: Sample, options: SampleSizeOptions): number | undefined {
	const { effect, alpha = 0.05, power = 0.8, stopping = 'sequential' } = options;
	checkAlpha(alpha);
	if (!(effect > 0 && Number.isFinite(effect)) || !(power > 0 && power < 1))
		throw new ExperimentError('invalidOptions', 'The effect must be above 0 and the power between 0 and 1.');
	const spread = varianceOf(a) + varianceOf(b);
	if (!(spread > 0)) return undefined;
	const z = normalQuantile(power);
	if (stopping === 'fixed')
		return Math.max(2, Math.ceil((spread * (normalQuantile(1 - alpha / 2) + z) ** 2) / effect ** 2));
	const isEnough = (n: number) =>
		sequentialMargin(spread / n, effect, alpha) + z * Math.sqrt(spread / n) <= effect;
	let high = SEQUENTIAL_BURN_IN;
	while (!isEnough(high) && high < Number.MAX_SAFE_INTEGER) high *= 2;
	let low = SEQUENTIAL_BURN_IN;
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		if (isEnough(middle)) high = middle;
		else low = middle + 1;
	}
	return high;
}
