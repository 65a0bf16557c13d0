import { setImmediate as nextTurn } from 'node:timers/promises';
import { bootstrapMean, meanOf, quantile, seededRandom, varianceOf, wilson } from '../../../lib/support';

/** Scores with a known spread: 0, 1/99, …, 1. */
const even = Array.from({ length: 100 }, (_, i) => i / 99);

describe('bootstrap intervals', () => {
	it('are the same for the same seed and differ for another', async () => {
		const [a, b, c] = await Promise.all([
			bootstrapMean(even, { seed: 7 }),
			bootstrapMean(even, { seed: 7 }),
			bootstrapMean(even, { seed: 8 }),
		]);
		expect(a).toEqual(b);
		expect(a.low).not.toBe(c.low);
	});

	it('agree with the normal interval where that is right', async () => {
		const { mean, low, high, n } = await bootstrapMean(even, { resamples: 20_000 });
		const deviation = Math.sqrt(even.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / 100 / 100);
		expect(n).toBe(100);
		expect(mean).toBeCloseTo(0.5, 12);
		expect(low).toBeCloseTo(0.5 - 1.96 * deviation, 2);
		expect(high).toBeCloseTo(0.5 + 1.96 * deviation, 2);
	});

	it('hold the true mean about as often as they say', async () => {
		let held = 0;
		for (let run = 0; run < 200; run++) {
			const sample = Array.from(
				{ length: 50 },
				(_, i) => (Math.imul(run * 50 + i + 1, 2654435761) >>> 0) / 2 ** 32,
			);
			const { low, high } = await bootstrapMean(sample, { confidence: 0.9, resamples: 500, seed: run });
			if (low <= 0.5 && 0.5 <= high) held++;
		}
		expect(held / 200).toBeGreaterThan(0.84);
	});

	it('are made in slices: other work gets its turn meanwhile', async () => {
		const values = Array.from({ length: 20_000 }, (_, i) => i % 7);
		let turns = 0;
		let done = false;
		const other = (async () => {
			while (!done) {
				await nextTurn();
				turns++;
			}
		})();
		await bootstrapMean(values, { resamples: 1000 });
		done = true;
		await other;
		// 20 million draws are some hundred milliseconds of work, in slices of four.
		expect(turns).toBeGreaterThan(5);
	});

	it('of one resample larger than a slice are made in slices too', async () => {
		const stop = new AbortController();
		const values = new Array<number>(2_000_000).fill(1);
		const stopped = expect(bootstrapMean(values, { resamples: 100 }, stop)).rejects.toThrow(/abort/i);
		setImmediate(() => stop.abort());
		await stopped;
	});

	it('can be stopped', async () => {
		const call = { signal: AbortSignal.abort() };
		await expect(bootstrapMean(even, {}, call)).rejects.toThrow(/abort/i);
	});

	it.each([
		[[], {}, /no value/],
		[[1, Number.NaN], {}, /finite/],
		[[1], { confidence: 1 }, /confidence/],
		[[1], { resamples: 5 }, /resamples/],
	])('refuse %j with %j', async (values, options, message) => {
		await expect(bootstrapMean(values, options)).rejects.toThrow(message);
	});
});

describe('quantiles', () => {
	it('lie between the order statistics, as in R and NumPy', () => {
		// numpy.quantile([15, 20, 35, 40, 50], [0, 0.05, 0.3, 0.4, 0.5, 0.95, 1])
		const values = [50, 15, 40, 20, 35];
		const shares = [0, 0.05, 0.3, 0.4, 0.5, 0.95, 1];
		[15, 16, 23, 29, 35, 48, 50].forEach((expected, i) =>
			expect(quantile(values, shares[i] ?? 0)).toBeCloseTo(expected, 9),
		);
		expect(values).toEqual([50, 15, 40, 20, 35]);
	});

	it('of an even number of values, the median is the mean of the two in the middle', () => {
		expect(quantile([100, 200], 0.5)).toBe(150);
	});

	it('the 95th percentile of twenty values is not their largest', () => {
		const values = Array.from({ length: 20 }, (_, i) => i + 1);
		expect(quantile(values, 0.95)).toBeCloseTo(19.05, 9);
	});

	it('of one value is that value, of none not a number', () => {
		expect(quantile([7], 0.95)).toBe(7);
		expect(quantile([], 0.5)).toBeNaN();
		expect(meanOf([])).toBeNaN();
		expect(meanOf(Float32Array.of(1, 2))).toBe(1.5);
	});
});

test('the variance is that of the population the values are drawn from', () => {
	expect(varianceOf([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(32 / 7, 12);
	expect([varianceOf([]), varianceOf([3]), varianceOf([3, 3])]).toEqual([0, 0, 0]);
});

describe('Wilson’s interval', () => {
	it('agrees with published values', () => {
		// Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I.
		expect(wilson(81, 263)).toMatchObject({
			low: expect.closeTo(0.2553, 4),
			high: expect.closeTo(0.3662, 4),
		});
		expect(wilson(15, 148)).toMatchObject({
			low: expect.closeTo(0.0624, 4),
			high: expect.closeTo(0.1605, 4),
		});
		expect(wilson(0, 20)).toMatchObject({ mean: 0, low: 0, high: expect.closeTo(0.1611, 4) });
		expect(wilson(1, 29)).toMatchObject({ low: expect.closeTo(0.0061, 4), high: expect.closeTo(0.1718, 4) });
	});

	it('is wider for a greater coverage, and knows nothing of no observations', () => {
		const [wide, narrow] = [wilson(5, 10, 2.576), wilson(5, 10)];
		expect(wide.low).toBeLessThan(narrow.low);
		expect(wide.high).toBeGreaterThan(narrow.high);
		expect(wilson(0, 0)).toEqual({ mean: 0, low: 0, high: 1, n: 0 });
	});
});

test('the source of chance is the same for the same seed, and even', () => {
	const draw = (seed: number): number[] => {
		const random = seededRandom(seed);
		return Array.from({ length: 10_000 }, random);
	};
	expect(draw(1)).toEqual(draw(1));
	expect(draw(1)).not.toEqual(draw(2));
	expect(meanOf(draw(1))).toBeCloseTo(0.5, 1);
	expect(draw(1).every((x) => x >= 0 && x < 1)).toBe(true);
});
