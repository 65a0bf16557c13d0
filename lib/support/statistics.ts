import { createSlicer, type CallContext } from './async';

/** A mean, or a share, with its interval. */
export interface Estimate {
	readonly mean: number;
	readonly low: number;
	readonly high: number;
	/** Values it rests on. */
	readonly n: number;
}

export interface BootstrapOptions {
	/** Coverage of the interval. Default 0.95. */
	readonly confidence?: number;
	/** Resamples drawn, 100 to 1,000,000. Default 2,000: the ends of a 95 % interval rest on 50 values each. */
	readonly resamples?: number;
	/** The same seed gives the same interval, on every machine. Default 1. */
	readonly seed?: number;
}

/** The normal deviate of a two-sided 95 % interval. */
const Z_95 = 1.959963984540054;
/** Values drawn between two looks at the clock: a tenth of a millisecond. */
const DRAWS_PER_LOOK = 8_192;

/** The mean; NaN of no values. */
export function meanOf(values: ArrayLike<number>): number {
	let sum = 0;
	for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
	return sum / values.length;
}

/** Variance of the population that the values are a sample of (divided by n − 1); 0 of fewer than two. */
export function varianceOf(values: ArrayLike<number>): number {
	if (values.length < 2) return 0;
	const mean = meanOf(values);
	let squares = 0;
	for (let i = 0; i < values.length; i++) squares += ((values[i] ?? 0) - mean) ** 2;
	return squares / (values.length - 1);
}

/**
 * The value below which `share` (0 to 1) of the values lie, by linear interpolation between order statistics (type 7 of Hyndman
 * and Fan, The American Statistician 50, 1996: the default of R and NumPy). In any order; NaN of no values.
 */
export function quantile(values: ArrayLike<number>, share: number): number {
	return quantileOfSorted(Float64Array.from(values).sort(), share);
}

function quantileOfSorted(sorted: Float64Array, share: number): number {
	const at = share * (sorted.length - 1);
	const below = sorted[Math.floor(at)] ?? Number.NaN;
	const above = sorted[Math.ceil(at)] ?? Number.NaN;
	return below + (above - below) * (at - Math.floor(at));
}

/**
 * A share of successes with Wilson's score interval (Journal of the American Statistical Association 22, 1927), which holds its
 * coverage for few observations and for shares near 0 and 1. Of no observations nothing is known: 0 to 1.
 *
 * @param z the normal deviate of the interval's coverage; that of 95 % when left out
 */
export function wilson(successes: number, n: number, z = Z_95): Estimate {
	if (n === 0) return { mean: 0, low: 0, high: 1, n };
	const mean = successes / n;
	const scale = 1 + (z * z) / n;
	const centre = (mean + (z * z) / (2 * n)) / scale;
	const half = (z / scale) * Math.sqrt((mean * (1 - mean)) / n + (z * z) / (4 * n * n));
	return { mean, low: Math.max(0, centre - half), high: Math.min(1, centre + half), n };
}

/**
 * Mean with a percentile-bootstrap interval (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13): values
 * are drawn with replacement, the interval is what the middle `confidence` of the resampled means spans. A single value gives
 * an interval of no width, which says only that one value is no sample. Works in slices of the event loop: 2,000 resamples of
 * 10,000 values take a third of a second.
 *
 * @throws RangeError for an option outside its range, no values, or a value that is not a finite number
 */
export async function bootstrapMean(
	values: readonly number[],
	{ confidence = 0.95, resamples = 2000, seed = 1 }: BootstrapOptions = {},
	call: CallContext = {},
): Promise<Estimate> {
	if (!(confidence > 0 && confidence < 1))
		throw new RangeError(`confidence must lie between 0 and 1, got ${confidence}.`);
	if (!Number.isInteger(resamples) || resamples < 100 || resamples > 1_000_000)
		throw new RangeError(`resamples must be 100 to 1,000,000, got ${resamples}.`);
	if (values.length === 0) throw new RangeError('There is no value to take a mean of.');
	const data = Float64Array.from(values);
	if (!data.every(Number.isFinite))
		throw new RangeError('A value that is not a finite number cannot be averaged.');

	const { length } = data;
	const random = seededRandom(seed);
	const turn = createSlicer();
	const means = new Float64Array(resamples);
	for (let r = 0; r < resamples; r++) {
		let sum = 0;
		for (let drawn = 0; drawn < length; ) {
			for (const stop = Math.min(length, drawn + DRAWS_PER_LOOK); drawn < stop; drawn++)
				sum += data[Math.floor(random() * length)] ?? 0;
			await turn();
			call.signal?.throwIfAborted();
		}
		means[r] = sum / length;
	}
	means.sort();
	const tail = (1 - confidence) / 2;
	return {
		mean: meanOf(data),
		low: quantileOfSorted(means, tail),
		high: quantileOfSorted(means, 1 - tail),
		n: length,
	};
}

/** mulberry32 (public domain, Tommy Ettinger 2017): 32 bits of state, ample for resampling; uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}
