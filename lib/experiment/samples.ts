import { ExperimentError } from './errors';

/** What is kept of the observations of one metric under one variant: enough for every test here, and it merges. */
export interface Sample {
	readonly n: number;
	readonly mean: number;
	/** Sum of squared deviations from the mean. */
	readonly m2: number;
}

export const EMPTY_SAMPLE: Sample = { n: 0, mean: 0, m2: 0 };

/** Adds one observation (Welford 1962: no loss of digits when the mean is large and the spread small). */
export function addObservation(sample: Sample, value: number): Sample {
	if (!Number.isFinite(value))
		throw new ExperimentError('invalidData', `An outcome must be a finite number, got ${value}.`);
	const n = sample.n + 1;
	const step = value - sample.mean;
	const mean = sample.mean + step / n;
	return { n, mean, m2: sample.m2 + step * (value - mean) };
}

/** The sample of both together (Chan, Golub & LeVeque 1979), for outcomes that several workers counted. */
export function mergeSamples(a: Sample, b: Sample): Sample {
	const n = a.n + b.n;
	if (n === 0) return EMPTY_SAMPLE;
	const step = b.mean - a.mean;
	return { n, mean: a.mean + (step * b.n) / n, m2: a.m2 + b.m2 + (step * step * a.n * b.n) / n };
}

/** Sample of `successes` among `n` yes/no outcomes (1 and 0). */
export function proportion(successes: number, n: number): Sample {
	if (!(Number.isInteger(successes) && Number.isInteger(n) && successes >= 0 && successes <= n))
		throw new ExperimentError('invalidData', `${successes} successes of ${n} is not a proportion.`);
	if (n === 0) return EMPTY_SAMPLE;
	return { n, mean: successes / n, m2: (successes * (n - successes)) / n };
}

/**
 * Yes/no outcomes with the variance they would have with one more success and one more failure (Agresti & Caffo 2000): a share of 0 or
 * 100 % seen so far is no proof that the next outcome cannot differ, and a test needs some spread to judge by.
 */
export function shareSample({ n, mean }: Sample): Sample {
	const share = (n * mean + 1) / (n + 2);
	return { n, mean, m2: Math.max(0, n - 1) * share * (1 - share) };
}

/** Unbiased variance; NaN below two observations. */
export const varianceOf = ({ n, m2 }: Sample): number => (n < 2 ? Number.NaN : m2 / (n - 1));
