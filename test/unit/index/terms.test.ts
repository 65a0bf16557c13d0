import { assert, property, string } from 'fast-check';
import { queryTermsOf, termsOf } from '../../../lib/index/terms';

describe('terms', () => {
	it('are words in lower case, without accents', () => {
		expect(termsOf('The Café—№ 5, naïve_x ﬁn')).toEqual(['the', 'cafe', '5', 'naive_x', 'fin']);
	});

	it('are pairs of characters where a script has no spaces', () => {
		expect(termsOf('東京都 x')).toEqual(['東京', '京都', 'x']);
	});

	it('are cut where a "word" is longer than 64 characters', () => {
		expect(termsOf(`${'a'.repeat(100)} b`)).toEqual(['a'.repeat(64), 'b']);
		expect(termsOf(`${'ä'.repeat(100)} b`)).toEqual(['a'.repeat(64), 'b']);
	});

	it('of an ASCII text are the same whether or not other characters follow', () => {
		assert(
			property(string({ unit: 'binary-ascii', maxLength: 300 }), (text) => {
				expect([...termsOf(text), 'e']).toEqual(termsOf(`${text} é`));
			}),
		);
	});

	it('of a question are distinct and bounded', () => {
		expect(queryTermsOf('to be or not to be')).toEqual(['to', 'be', 'or', 'not']);
		expect(queryTermsOf(Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' '))).toHaveLength(256);
	});
});
