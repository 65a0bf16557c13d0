import fc from 'fast-check';
import { checkGrounding } from '../../../lib/answering';
import { splitSentences } from '../../../lib/answering/sentences';

const sentencesOf = (text: string): string[] => [...splitSentences(text)].map((sentence) => sentence.text);

describe('the sentences of a text', () => {
	test.each([
		['two on a line', 'It opened in 1932. It is grey.', ['It opened in 1932.', 'It is grey.']],
		[
			'one wrapped over lines of prose',
			'The ship ran aground near the coast of Georgia\nand was captured by two monitors.\r\nShe sank.',
			['The ship ran aground near the coast of Georgia\nand was captured by two monitors.', 'She sank.'],
		],
		[
			'wrapped before a capital letter',
			'The ship was captured by two ironclads of the\nUnion in June.',
			['The ship was captured by two ironclads of the\nUnion in June.'],
		],
		[
			'a short line before a capital letter',
			'Opening hours\nThe museum opens at nine.',
			['Opening hours', 'The museum opens at nine.'],
		],
		['a blank line', 'without a stop\n\nand another', ['without a stop', 'and another']],
		[
			'a lead that ends with a colon',
			'the museum is open on these days of the week:\nmonday',
			['the museum is open on these days of the week:', 'monday'],
		],
		['a list, without its marks', '- soup\n* bread\n2. cake\n3) tea', ['soup', 'bread', 'cake', 'tea']],
		[
			'a heading, without its marks',
			'## Hours of the museum\nnine to six',
			['Hours of the museum', 'nine to six'],
		],
		['rows of a table, not its rule', '| a | b |\n|---|:-:|\n| 1 | 2 |', ['| a | b |', '| 1 | 2 |']],
		[
			'marks behind the full stop',
			'It is grey.[2] [3] It is old [1].',
			['It is grey.[2] [3]', 'It is old [1].'],
		],
		['a mark on the next line', 'It is grey.\n[2] It is old.', ['It is grey.\n[2]', 'It is old.']],
		['fences and rules are none', '```\ncode\n```\n---\n', ['code']],
		['nothing', ' \n\t\n', []],
	])('%s', (_, text, expected) => {
		expect(sentencesOf(text)).toEqual(expected);
	});

	it('stand where they say, in order, without white space around them', () => {
		const piece = fc.constantFrom(
			'a',
			'B',
			'. ',
			'\n',
			'\r\n',
			'- ',
			'# ',
			'| ',
			'[1]',
			'? ',
			'  ',
			'語。',
			'1. ',
			': ',
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
				const text = pieces.join('');
				let last = 0;
				for (const sentence of splitSentences(text)) {
					expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text);
					expect(sentence.text).toBe(sentence.text.trim());
					expect(sentence.start).toBeGreaterThanOrEqual(last);
					last = sentence.end;
				}
			}),
		);
	});
});

describe('the grounding check', () => {
	const passage = {
		text: 'The Atlanta was built in 1861. She ran aground in\nJune 1863 and was captured by two Union monitors.',
	};

	it('judges a wrapped sentence as one, and finds evidence that is wrapped', async () => {
		const { sentences } = await checkGrounding(
			'The Atlanta ran aground in June 1863 and was then\ncaptured by two Union monitors.',
			[passage],
		);
		expect(sentences.map(({ state }) => state)).toEqual(['supported']);
	});

	it('does not take the number of a list item for a statement, and a heading for a claim', async () => {
		const { sentences } = await checkGrounding(
			'## Captured monitors of 1999\n1. The Atlanta was built in 1861.\n2. She ran aground in June 1863.',
			[passage],
		);
		expect(sentences.map(({ text, state }) => [text, state])).toEqual([
			['Captured monitors of 1999', 'noClaim'],
			['The Atlanta was built in 1861.', 'supported'],
			['She ran aground in June 1863.', 'supported'],
		]);
	});

	it.each([
		'M. Benali a présidé la séance.',
		'Fragen Sie Frau Dr. Weber im Büro.',
		'Die Frist endet am 14. Februar um zwölf.',
		'Ask Mr. Smith about Art. 5 of the rules.',
		'El Sr. García firma el acta.',
	])('does not end a sentence at the full stop of a title or a date: %s', (text) => {
		expect([...splitSentences(text)].map((sentence) => sentence.text)).toEqual([text]);
	});
});
