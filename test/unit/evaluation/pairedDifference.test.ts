import { pairedDifference } from '../../../lib/evaluation';
import { bootstrapMean } from '../../../lib/support';

/** Scores with a known spread: 0, 1/99, …, 1. */
const even = Array.from({ length: 100 }, (_, i) => i / 99);

describe('the difference over the same questions', () => {
	it('sees a small steady gain that separate intervals do not', async () => {
		const better = even.map((x) => x + 0.01);
		const paired = await pairedDifference(even, better);
		expect(paired.low).toBeGreaterThan(0.0099);
		const [a, b] = [await bootstrapMean(even), await bootstrapMean(better)];
		expect(b.low).toBeLessThan(a.high);
	});

	it('is refused for lists of different length', async () => {
		await expect(pairedDifference([1], [1, 2])).rejects.toThrow(/pair/);
	});
});
