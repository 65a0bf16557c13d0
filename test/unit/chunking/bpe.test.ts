import fc from 'fast-check';
import { getEncoding } from 'js-tiktoken';
import { bpeCounter, chunkSync, type Encoding } from '../../../lib/chunking';
import { anyText } from './generators';

describe.each(['cl100k', 'o200k'] as const)('The built-in counter for %s', (name: Encoding) => {
	const count = bpeCounter(name);
	const peer = getEncoding(`${name}_base`);
	const expected = (text: string) => peer.encode(text, [], []).length;

	test('counts as js-tiktoken does, on any text', () => {
		fc.assert(
			fc.property(anyText, (text) => expect(count(text)).toBe(expected(text))),
			{ numRuns: 150 },
		);
	});

	test('splits words, contractions, digits, marks and white space alike', () => {
		const letters = [..."aBÉéǅ中ﬁ'sSTre 1½１.,/\n\r\t\u00a0\ufeff\u0301𝒜𐐀👍"];
		const text = fc.array(fc.constantFrom(...letters), { maxLength: 30 }).map((parts) => parts.join(''));
		fc.assert(
			fc.property(text, (sample) => expect(count(sample)).toBe(expected(sample))),
			{ numRuns: 1500 },
		);
	});

	test.each([
		['one letter', 'a'.repeat(1200)],
		[
			'a short alphabet',
			Array.from({ length: 1000 }, (_, i) => 'abc'.charAt((i * i + (i >> 3)) % 3)).join(''),
		],
		['marks', '-=['.repeat(400)],
		['Chinese without spaces', '漢字仮名交じり文の'.repeat(60)],
		['white space', `${' '.repeat(900)}x${'\n'.repeat(900)}`],
	])('is exact on an unbroken run of %s', (_, text) => expect(count(text)).toBe(expected(text)));

	test('is exact on runs longer than its window, where a window must end at a token that the next one starts with', () => {
		// The plain way on these would take minutes; their counts follow from shorter ones, since both repeat with a period.
		const perRun = (expected('a'.repeat(1600)) - expected('a'.repeat(800))) / 800;
		expect(count('a'.repeat(40_000))).toBe(40_000 * perRun);
		const random = Array.from({ length: 4600 }, (_, i) =>
			'abcdef'.charAt(Math.floor(Math.abs(Math.sin(i) * 1e4)) % 6),
		).join('');
		expect(count(random)).toBe(expected(random));
	});

	test('bounds chunks without a function being handed in', () => {
		const text = 'Some words to be counted in tokens, not in letters. '.repeat(50);
		const chunks = [...chunkSync(text, { method: 'recursive', size: 40, overlap: 10, unit: name })];
		expect(chunks.length).toBeGreaterThan(15);
		for (const piece of chunks) {
			expect(expected(piece.text)).toBeLessThanOrEqual(40);
			expect(piece.tokens).toBe(expected(piece.text));
		}
	});
});
