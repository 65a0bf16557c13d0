import { array, assert, oneof, property, string } from 'fast-check';
import { queryTermsOf, TermLine, termsOf } from '../../../lib/vectorIndex/terms';

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

	it('are the same in a line, wherever it is written', () => {
		const texts = oneof(
			string({ unit: 'binary-ascii', maxLength: 300 }),
			string({ unit: 'binary', maxLength: 100 }),
		);
		assert(
			property(array(texts, { maxLength: 4 }), (values) => {
				const lines = [...values, 'a'.repeat(100), '', '!'].map((text) => ({
					text,
					line: new TermLine(text),
				}));
				const target = Buffer.alloc(lines.reduce((sum, { line }) => sum + line.maxBytes, 0));
				let at = 0;
				for (const { text, line } of lines) {
					const end = line.write(target, at);
					expect(target.toString('utf8', at, end)).toBe(termsOf(text).join(' '));
					at = end;
				}
			}),
		);
	});

	it('of a question are distinct and bounded', () => {
		expect(queryTermsOf('to be or not to be')).toEqual(['to', 'be', 'or', 'not']);
		expect(queryTermsOf(Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' '))).toHaveLength(256);
	});
});
