import { formatCount, formatMegabytes, formatPercent, shortened } from '../../../lib/support';

test('a text is shortened to so many characters and an ellipsis, never within a surrogate pair', () => {
	expect(shortened('abc', 3)).toBe('abc');
	expect(shortened('abcd', 3)).toBe('abc…');
	expect(shortened('ab😀cd', 3)).toBe('ab…');
	expect(shortened('ab😀cd', 4)).toBe('ab😀…');
});

test('numbers and shares are written as people read them', () => {
	expect(formatCount(1_234_567)).toBe('1,234,567');
	expect([1, 64 * 2 ** 20, 64 * 2 ** 20 + 1].map(formatMegabytes)).toEqual(['1 MB', '64 MB', '65 MB']);
	expect([0, 0.8234, 1].map(formatPercent)).toEqual(['0.0 %', '82.3 %', '100.0 %']);
});
