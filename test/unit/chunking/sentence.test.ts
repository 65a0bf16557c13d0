import { chunkSync, type ChunkOptions } from '../../../lib/chunking';

function texts(text: string, options: Omit<ChunkOptions, 'method'>): string[] {
	return [...chunkSync(text, { method: 'sentence', ...options })].map((piece) => piece.text);
}

describe('sentence', () => {
	test('fills chunks with whole sentences', () => {
		expect(texts('One is here. Two is here! Three is here? Four.', { size: 30 })).toEqual([
			'One is here. Two is here! ',
			'Three is here? Four.',
		]);
	});

	test('does not end a sentence at a wrapped line, an abbreviation, a decimal or an initial', () => {
		const text = 'It costs 3.50 euro, says\nDr. Miller of J. Doe Inc. today. Next one.';
		expect(texts(text, { size: 500, window: 1 })).toEqual([
			'It costs 3.50 euro, says\nDr. Miller of J. Doe Inc. today. ',
			'Next one.',
		]);
	});

	test('ends one at a paragraph, before a list item and behind quotes', () => {
		expect(
			texts('No stop here\n\nNext\n- item a\n- item b\n"Said so." Then', { size: 500, window: 1 }),
		).toEqual(['No stop here\n\n', 'Next\n', '- item a\n', '- item b\n"Said so." ', 'Then']);
	});

	test('knows the full stops of Chinese, Hindi and Arabic', () => {
		expect(texts('今日は。明日も！', { size: 100, window: 1 })).toEqual(['今日は。', '明日も！']);
		expect(texts('यह है। वह है।', { size: 100, window: 1 })).toEqual(['यह है। ', 'वह है।']);
		expect(texts('كيف حالك؟ بخير. شكرا', { size: 100, window: 1 })).toEqual(['كيف حالك؟ ', 'بخير. ', 'شكرا']);
	});

	test('cuts a sentence larger than the bound like running text', () => {
		for (const piece of texts(`${'word '.repeat(300)}end. Short.`, { size: 50 }))
			expect(piece.length).toBeLessThanOrEqual(50);
	});

	test('with a window makes one chunk a sentence, its neighbours being the parent', () => {
		const text = 'A a. B b. C c. D d. E e. F f.';
		const chunks = [...chunkSync(text, { method: 'sentence', size: 50, window: 2 })];
		expect(chunks.map((piece) => piece.text)).toEqual(['A a. ', 'B b. ', 'C c. ', 'D d. ', 'E e. ', 'F f.']);
		expect(chunks.map(({ parent }) => text.slice(parent?.start, parent?.end).trim())).toEqual([
			'A a. B b. C c.',
			'A a. B b. C c. D d.',
			'A a. B b. C c. D d. E e.',
			'B b. C c. D d. E e. F f.',
			'C c. D d. E e. F f.',
			'D d. E e. F f.',
		]);
	});
});
