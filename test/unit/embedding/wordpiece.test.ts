import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { countTokens, tokenize } from '../../../lib/embedding';

const models = path.join(__dirname, '../../../models');
const fixturesOf = (model: string): { fixtures: Array<{ text: string; ids: number[] }> } =>
	JSON.parse(readFileSync(path.join(models, model, 'fixtures.json'), 'utf8'));
const vocabulary = new Map(
	readFileSync(path.join(models, 'static-minilm-256/vocab.txt'), 'utf8')
		.trimEnd()
		.split('\n')
		.map((token, id) => [token, id]),
);

/** The rules of the model's card, step by step over the whole text: slow and plain, to compare with. */
function idsByTheRules(text: string): number[] {
	const cjk =
		/[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;
	const clean = text
		.replace(/[\t\n\r]/g, ' ')
		.replace(/[\0\uFFFD\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '')
		.replace(/\p{White_Space}/gu, ' ')
		.replace(cjk, ' $& ')
		.normalize('NFD')
		.replace(/\p{Mn}/gu, '');
	const lower = Array.from(clean, (c) => c.toLowerCase()).join('');
	const words = lower.match(/[!-/:-@[-`{-~\p{P}]|[^\s!-/:-@[-`{-~\p{P}]+/gu) ?? [];
	return words.flatMap((word) => {
		const letters = Array.from(word);
		if (letters.length > 100) return [100];
		const ids: number[] = [];
		for (let start = 0; start < letters.length; ) {
			let end = letters.length;
			while (end > start && !vocabulary.has((start ? '##' : '') + letters.slice(start, end).join(''))) end--;
			if (end === start) return [100];
			ids.push(vocabulary.get((start ? '##' : '') + letters.slice(start, end).join('')) ?? 100);
			start = end;
		}
		return ids;
	});
}

const oddCharacters = fc.constantFrom(
	...[
		'é',
		'e\u0301',
		'İ',
		'ı',
		'ß',
		'ẞ',
		'Σ',
		'ς',
		'漢',
		'한',
		'ﬁ',
		'Ａ',
		'\u0085',
		'\u000b',
		'\u00a0',
		'\u200b',
		'\ufeff',
		'\u2028',
		'\ud800',
		'\udc00',
	],
	...[
		'👩‍👩‍👧',
		'𠀀',
		'\u{2F800}',
		'\uFA0E',
		'\u037E',
		'\u1FEF',
		'≠',
		'Ω',
		'K',
		'\u302E',
		'\u{1D165}',
		'\u{16FF0}',
		'、',
		'…',
		'—',
		'$',
		'^',
		'\0',
		'\uFFFD',
		'##',
		'[CLS]',
	],
);
const text = fc
	.array(
		fc.oneof(
			fc.string({ unit: 'binary', maxLength: 6 }),
			fc.string({ unit: 'grapheme', maxLength: 8 }),
			oddCharacters,
			fc.constantFrom('the ', 'Unbelievably', ' ', '\n'),
		),
	)
	.map((parts) => parts.join(''));

describe('WordPiece', () => {
	it.each(['static-minilm-256', 'minilm-int8'])('gives exactly the ids of the fixtures of %s', (model) => {
		const special = model === 'minilm-int8';
		for (const { text: source, ids } of fixturesOf(model).fixtures) {
			const own = [...tokenize(source).ids];
			expect(special ? [101, ...own.slice(0, 254), 102] : own).toEqual(ids);
		}
	});

	it('follows the rules of the card on any text', () => {
		fc.assert(
			fc.property(text, (source) => {
				expect([...tokenize(source).ids]).toEqual(idsByTheRules(source));
			}),
			{ numRuns: 2000 },
		);
	});

	it('follows the rules of the card for every code point between two letters', () => {
		for (let first = 0; first < 0x110000; first += 256) {
			// Planes without assigned characters are left out; one of them (4) stays in as a sample.
			if (first >= 0x50000 && first < 0xe0000) continue;
			const source = Array.from({ length: 256 }, (_, i) => `a${String.fromCodePoint(first + i)}b`).join(' ');
			expect([...tokenize(source).ids]).toEqual(idsByTheRules(source));
		}
	});

	it('is the same whether a text is read in one stride or in many', () => {
		const source =
			'Café au lait, 漢字 and 한글; unbelievably odd\n'.repeat(4000) + 'x'.repeat(70_000) + ' end';
		expect([...tokenize(source).ids]).toEqual(idsByTheRules(source));
	});

	it('gives ranges that lie in order inside the text and hold the letters of their token', () => {
		fc.assert(
			fc.property(text, (source) => {
				const { ids, starts, ends } = tokenize(source);
				const inOrder = [...ids].every(
					(_, i) =>
						(starts[i] ?? -1) >= (starts[i - 1] ?? 0) &&
						(ends[i] ?? -1) > (starts[i] ?? 0) &&
						(ends[i] ?? Infinity) <= source.length,
				);
				expect(inOrder).toBe(true);
			}),
			{ numRuns: 1000 },
		);
	});

	it('names the range of a piece so that slicing gives its letters, marks and controls included', () => {
		const source = 'Unbelie\u0301vably Co\0ol!';
		const { starts, ends } = tokenize(source);
		const pieces = Array.from(starts, (start, i) => source.slice(start, ends[i]));
		expect(pieces.join('|')).toBe('Un|bel|ie\u0301|va|bly|Co\0ol|!');
	});

	it('counts special tokens only when asked', () => {
		expect(countTokens('hello world')).toBe(2);
		expect(countTokens('hello world', { special: true })).toBe(4);
		expect(countTokens('')).toBe(0);
	});

	it('reads unbroken megabytes without going back over them', () => {
		expect(countTokens('a'.repeat(5_000_000))).toBe(1);
		expect(countTokens('[['.repeat(1_000_000))).toBe(2_000_000);
		expect(countTokens('漢'.repeat(500_000))).toBe(500_000);
	});
});
