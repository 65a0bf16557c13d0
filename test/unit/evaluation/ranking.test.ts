import {
	annRecallAt,
	EvaluationError,
	ndcgAt,
	precisionAt,
	recallAt,
	reciprocalRank,
} from '../../../lib/evaluation';

const relevant = new Set(['a', 'b', 'c']);

describe('metrics of a ranked list', () => {
	it('counts how many of the relevant ids the first k hold', () => {
		expect(recallAt(['a', 'x', 'b', 'c'], relevant, 3)).toBeCloseTo(2 / 3);
		expect(precisionAt(['a', 'x', 'b', 'c'], relevant, 3)).toBeCloseTo(2 / 3);
	});

	it('counts places that were not filled as misses of precision', () => {
		expect(precisionAt(['a'], relevant, 5)).toBeCloseTo(1 / 5);
	});

	it('counts an id that appears twice once, at its first place', () => {
		expect(recallAt(['a', 'a', 'a'], relevant, 3)).toBeCloseTo(1 / 3);
		expect(reciprocalRank(['x', 'x', 'a'], relevant)).toBeCloseTo(1 / 2);
	});

	it('gives the reciprocal of the first relevant rank, and 0 beyond k', () => {
		expect(reciprocalRank(['x', 'y', 'b'], relevant)).toBeCloseTo(1 / 3);
		expect(reciprocalRank(['x', 'y', 'b'], relevant, 2)).toBe(0);
	});

	it('agrees with a worked example of nDCG with grades', () => {
		// DCG = 3/log2(2) + 2/log2(3) + 0 + 1/log2(5); ideal order 3, 2, 1
		const grades = new Map([
			['a', 3],
			['b', 2],
			['c', 1],
		]);
		const dcg = 3 + 2 / Math.log2(3) + 1 / Math.log2(5);
		const ideal = 3 + 2 / Math.log2(3) + 1 / Math.log2(4);
		expect(ndcgAt(['a', 'b', 'x', 'c'], grades, 4)).toBeCloseTo(dcg / ideal, 12);
		expect(ndcgAt(['a', 'b', 'c'], grades, 3)).toBe(1);
		expect(ndcgAt(['x', 'y'], grades, 2)).toBe(0);
	});

	it('cuts the ideal at k too, so that a perfect short list scores 1', () => {
		expect(ndcgAt(['a'], new Map([...relevant].map((id) => [id, 1])), 1)).toBe(1);
	});

	it('measures what the approximate index lost without asking what was relevant', () => {
		expect(annRecallAt(['a', 'b', 'x'], ['a', 'b', 'c'], 3)).toBeCloseTo(2 / 3);
		expect(annRecallAt([], [], 3)).toBe(1);
	});

	it.each([0, -1, 1.5, Number.NaN])('refuses k = %p', (k) => {
		expect(() => recallAt(['a'], relevant, k)).toThrow(EvaluationError);
	});

	it('refuses to score a question that nothing answers', () => {
		expect(() => recallAt(['a'], new Set(), 3)).toThrow(/nothing|anything/);
		expect(() => ndcgAt(['a'], new Map([['a', 0]]), 3)).toThrow(EvaluationError);
	});
});
