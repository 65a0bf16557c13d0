import { estimateTokens, tokensOfBytes } from '../../../lib/support';

test('a token is estimated as four bytes of UTF-8, rounded up', () => {
	expect(estimateTokens('')).toBe(0);
	expect(estimateTokens('a')).toBe(1);
	expect(estimateTokens('abcd')).toBe(1);
	expect(estimateTokens('abcde')).toBe(2);
	expect(tokensOfBytes(9)).toBe(3);
});

test('scripts that take more tokens per character count more: by bytes, not by characters', () => {
	const english = 'A sentence.';
	const japanese = '人生は短い。芸術は長い';
	expect(japanese).toHaveLength(english.length);
	expect(estimateTokens(japanese)).toBe(3 * estimateTokens(english));
});
