import { createSlicer, type CallContext } from '../support';
import { EvaluationError } from './errors';
import type { Estimate } from '../experiment';

export interface BootstrapOptions {
	/** Coverage of the interval. Default 0.95. */
	readonly confidence?: number;
	/** Resamples drawn. Default 2,000: the ends of a 95 % interval rest on 50 values each. */
	readonly resamples?: number;
	/** The same seed gives the same interval, on every machine. Default 1. */
	readonly seed?: number;
}

/**
 * Mean with a percentile-bootstrap interval (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13): questions
 * are drawn with replacement, the interval is what the middle `confidence` of the resampled means spans. A single value
 * gives an interval of no width, which says only that one question is no evaluation.
 *
 * @throws EvaluationError `invalidData` without values or with one that is not a finite number
 */
export async function bootstrapMean(
	values: readonly number[],
	options: BootstrapOptions = {},
	call: CallContext = {},
): Promise<Estimate> {
	const { confidence = 0.95, resamples = 2000, seed = 1 } = options;
	if (!(confidence > 0 && confidence < 1))
		throw new EvaluationError('invalidOptions', `confidence must lie between 0 and 1, got ${confidence}.`);
	if (!Number.isInteger(resamples) || resamples < 100 || resamples > 1_000_000)
		throw new EvaluationError('invalidOptions', `resamples must be 100 to 1,000,000, got ${resamples}.`);
	if (values.length === 0) throw new EvaluationError('invalidData', 'There is no value to take a mean of.');
	if (!values.every(Number.isFinite))
		throw new EvaluationError('invalidData', 'A score that is not a finite number cannot be averaged.');

	const data = Float64Array.from(values);
	const random = seededRandom(seed);
	const turn = createSlicer();
	const means = new Float64Array(resamples);
	for (let r = 0; r < resamples; r++) {
		let sum = 0;
		for (let i = 0; i < data.length; i++) sum += data[Math.floor(random() * data.length)] ?? 0;
		means[r] = sum / data.length;
		await turn();
		call.signal?.throwIfAborted();
	}
	means.sort();
	const tail = (1 - confidence) / 2;
	return {
		mean: data.reduce((sum, value) => sum + value, 0) / data.length,
		low: quantileOf(means, tail),
		high: quantileOf(means, 1 - tail),
		n: data.length,
	};
}

/**
 * Mean difference `b - a` over the same questions, with its interval. Pairing removes the spread between easy and hard
 * questions, so a small but steady gain shows that two separate intervals would hide.
 *
 * @param a values by question, in the same order as `b`
 */
export async function pairedDifference(
	a: readonly number[],
	b: readonly number[],
	options: BootstrapOptions = {},
	call: CallContext = {},
): Promise<Estimate> {
	if (a.length !== b.length)
		throw new EvaluationError(
			'invalidData',
			`Cannot pair ${a.length} values with ${b.length}: the questions differ.`,
		);
	const differences = a.map((value, index) => (b[index] ?? Number.NaN) - value);
	return bootstrapMean(differences, options, call);
}

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan 1996, the default of R and NumPy). */
function quantileOf(sorted: Float64Array, share: number): number {
	const at = share * (sorted.length - 1);
	const below = sorted[Math.floor(at)] ?? Number.NaN;
	const above = sorted[Math.ceil(at)] ?? Number.NaN;
	return below + (above - below) * (at - Math.floor(at));
}

/** mulberry32 (public domain, Tommy Ettinger 2017): 32 bits of state, ample for resampling; uniform in [0, 1). */
function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}
