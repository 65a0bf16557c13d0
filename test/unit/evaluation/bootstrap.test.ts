import { bootstrapMean, pairedDifference } from '../../../lib/evaluation';

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

	it('see a small steady gain only when questions are paired', async () => {
		const better = even.map((x) => x + 0.01);
		const paired = await pairedDifference(even, better);
		expect(paired.low).toBeGreaterThan(0.0099);
		const [a, b] = [await bootstrapMean(even), await bootstrapMean(better)];
		expect(b.low).toBeLessThan(a.high);
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

	it('refuse to pair lists of different length', async () => {
		await expect(pairedDifference([1], [1, 2])).rejects.toThrow(/pair/);
	});
});
