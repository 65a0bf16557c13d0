import { cosine, dot, toUnit } from '../../../lib/support';

describe('dot', () => {
	test('is the sum of the products, whole or of a stretch of each', () => {
		expect(dot([1, 2, 3, 4, 5], [2, 2, 2, 2, 2])).toBe(30);
		const rows = Float32Array.of(1, 2, 3, 4, 5, 6);
		expect(dot(rows, rows, 0, 3, 3)).toBe(1 * 4 + 2 * 5 + 3 * 6);
	});

	test('counts what lies beyond an end as 0', () => {
		expect(dot([1, 2, 3], [4])).toBe(4);
		expect(dot([], [4])).toBe(0);
	});
});

describe('cosine', () => {
	test('is 1 for one direction, 0 for a right angle, -1 for the opposite, whatever the lengths', () => {
		expect(cosine([1, 2], [10, 20])).toBeCloseTo(1, 12);
		expect(cosine([1, 0], [0, 5])).toBe(0);
		expect(cosine([1, 2], [-3, -6])).toBeCloseTo(-1, 12);
	});

	test('is 0 where there is nothing to compare: no vector, no direction, another length', () => {
		expect(cosine(undefined, [1])).toBe(0);
		expect(cosine([1], undefined)).toBe(0);
		expect(cosine([0, 0], [1, 1])).toBe(0);
		expect(cosine([1, 2], [1, 2, 3])).toBe(0);
		expect(cosine([1, 2, 3], [1, 2])).toBe(0);
	});
});

describe('toUnit', () => {
	test('scales to length 1 and leaves its argument alone', () => {
		const vector = Float32Array.of(3, 4);
		expect([...toUnit(vector)]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
		expect([...vector]).toEqual([3, 4]);
		expect(toUnit([0, 2])).toEqual(Float32Array.of(0, 1));
	});

	test('keeps a vector of zeros', () => {
		expect(toUnit(Float32Array.of(0, 0))).toEqual(Float32Array.of(0, 0));
	});

	test('a vector that has length 1 already keeps every bit', () => {
		for (let seed = 1; seed <= 50; seed++) {
			const once = toUnit(Float32Array.from({ length: 384 }, (_, k) => Math.sin(seed * 7919 + k * k)));
			expect(toUnit(once)).toBe(once);
		}
	});
});
