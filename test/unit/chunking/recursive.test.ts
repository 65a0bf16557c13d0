import { chunkSync, type ChunkOptions } from '../../../lib/chunking';

function texts(text: string, options: Omit<ChunkOptions, 'method'>): string[] {
	return [...chunkSync(text, { method: 'recursive', ...options })].map((piece) => piece.text);
}

describe('recursive cuts at the strongest separator in reach', () => {
	test('a heading before a paragraph, a paragraph before a line, a line before a sentence', () => {
		expect(texts('One.\n\nTwo two.\n\n# Head\n\nBody of it.', { size: 30 })).toEqual([
			'One.\n\nTwo two.\n\n',
			'# Head\n\nBody of it.',
		]);
		expect(texts('aaa bbb.\nccc.\n\nddd eee.\nfff', { size: 18 })).toEqual([
			'aaa bbb.\nccc.\n\n',
			'ddd eee.\nfff',
		]);
		expect(texts('aaa. bbb.\nccc. ddd. eee', { size: 17 })).toEqual(['aaa. bbb.\n', 'ccc. ddd. eee']);
	});

	test('a sentence before a clause, a clause before a word, a word before a letter', () => {
		expect(texts('Yes, it is. Well, no', { size: 18 })).toEqual(['Yes, it is. ', 'Well, no']);
		expect(texts('red, green and blue', { size: 15 })).toEqual(['red, ', 'green and blue']);
		expect(texts('green and blue', { size: 12 })).toEqual(['green and ', 'blue']);
		expect(texts('abcdefghij', { size: 4 })).toEqual(['abcd', 'efgh', 'ij']);
	});

	test('not at an abbreviation, an initial or a decimal point', () => {
		expect(texts('He met Dr. Smith and J. Doe today. Then', { size: 38 })).toEqual([
			'He met Dr. Smith and J. Doe today. ',
			'Then',
		]);
		expect(texts('Ends here. It is e.g. this', { size: 23 })).toEqual(['Ends here. ', 'It is e.g. this']);
	});

	test('behind Chinese and Japanese full stops, with their closing brackets', () => {
		expect(texts('今日は良い天気です。「はい。」明日も', { size: 16 })).toEqual([
			'今日は良い天気です。「はい。」',
			'明日も',
		]);
	});

	test('CRLF is one line end and stays whole', () => {
		expect(texts('ab\r\ncd\r\n\r\nef\r\ngh', { size: 13 })).toEqual(['ab\r\ncd\r\n\r\n', 'ef\r\ngh']);
		expect(texts('a\r\nb', { size: 2 })).toEqual(['a', '\r\n', 'b']);
	});

	test('own separators come first, in their order, then the built-in ones', () => {
		const text = 'one;two|three;four|five six seven';
		expect(texts(text, { size: 22, separators: ['|', ';'] })).toEqual([
			'one;two|three;four|',
			'five six seven',
		]);
		expect(texts(text, { size: 10, separators: [';'] })).toEqual([
			'one;',
			'two|three;',
			'four|five ',
			'six seven',
		]);
	});
});

test('parent windows grow to both sides and end at sentences', () => {
	const text = Array.from({ length: 40 }, (_, i) => `Sentence number ${i} is here. `).join('');
	const chunks = [...chunkSync(text, { method: 'recursive', size: 60, parentSize: 300 })];
	const middle = chunks[10];
	if (!middle?.parent) throw new Error('no parent window');
	expect(middle.parent.end - middle.parent.start).toBeGreaterThan(200);
	expect(text.slice(middle.parent.start, middle.parent.start + 15)).toBe('Sentence number');
	expect(text.slice(0, middle.parent.end)).toMatch(/\. $/);
});
