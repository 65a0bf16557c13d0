import { rounded, shortNumbers, withRounded } from '../../../lib/support';
import { randomSource } from '../../support/random';

it.each([
	[0.123456789012, 0.1235],
	[12.3456789, 12.346],
	[1234567, 1234567],
	[0.00001234567, 0.00001235],
	[-0.98765432, -0.9877],
	[0, 0],
])('%d is shown as %d', (value, shown) => expect(rounded(value)).toBe(shown));

it('rounds every figure of a report and leaves the rest', () => {
	expect(withRounded({ a: [{ b: 1.23456 }], text: '1.23456', none: null })).toEqual({
		...{ a: [{ b: 1.235 }], text: '1.23456', none: null },
	});
});

it('short decimals give the same vector back, in half the characters', () => {
	const random = randomSource(5);
	const vector = Float32Array.from({ length: 256 }, () => random() - 0.5);
	const short = shortNumbers(vector);
	expect(Float32Array.from(short)).toEqual(vector);
	expect(JSON.stringify(short).length).toBeLessThan(JSON.stringify(Array.from(vector)).length * 0.65);
});

it('short decimals give back numbers of every size, and those that are none', () => {
	const random = randomSource(6);
	const vector = Float32Array.from({ length: 2000 }, () => (random() - 0.5) * 10 ** (random() * 80 - 42));
	const special = [0, 1, -1, 0.1, 1e-45, 3.4028235e38, 16777217, NaN, Infinity, -Infinity];
	for (const numbers of [vector, Float32Array.from(special)])
		expect(Float32Array.from(shortNumbers(numbers))).toEqual(numbers);
});
