import { checkCitations } from '../../../lib/answering/citations';
import { withQuotes } from '../../../lib/answering/quotes';

const passages = [
	{ text: 'The bridge opened in 1932.', source: 'bridge.md', start: 10, end: 36 },
	{ text: 'It was painted grey.', source: 'paint.md', start: 0, end: 20 },
	{ text: 'Tolls ended in 1988.', source: 'tolls.md' },
];

describe('citations of an answer', () => {
	test('known markers become citations in order of first mention', () => {
		const checked = checkCitations('It is grey [2] and opened in 1932 [1]. Grey, really [2].', passages);
		expect(checked.citations.map(({ marker, source }) => [marker, source])).toEqual([
			[2, 'paint.md'],
			[1, 'bridge.md'],
		]);
		expect(checked.unknownMarkers).toEqual([]);
		expect(checked.answer).toBe('It is grey [2] and opened in 1932 [1]. Grey, really [2].');
	});

	test('unknown markers are taken out of the text and reported', () => {
		const checked = checkCitations('It opened in 1932 [1] [7], it is said [0].', passages);
		expect(checked.answer).toBe('It opened in 1932 [1], it is said.');
		expect(checked.unknownMarkers).toEqual([7, 0]);
	});

	test.each([
		['[1, 3]', [1, 3], '[1][3]'],
		['[1-3]', [1, 2, 3], '[1][2][3]'],
		['[^2]', [2], '[2]'],
		['【3†source】', [3], '[3]'],
		['[2; 9]', [2], '[2]'],
	])('%s is understood', (written, markers, normal) => {
		const checked = checkCitations(`So it is ${written}.`, passages);
		expect(checked.citations.map(({ marker }) => marker)).toEqual(markers);
		expect(checked.answer).toBe(`So it is ${normal}.`);
	});

	test('code, links and other brackets are no markers', () => {
		const text = 'Use `list[1]`, see [1](https://example.org) and [note].';
		const checked = checkCitations(text, passages);
		expect(checked.answer).toBe(text);
		expect(checked.citations).toEqual([]);
		expect(checked.unknownMarkers).toEqual([]);
	});

	test('offsets and text of the passage travel with the citation', () => {
		const [citation] = checkCitations('1932 [1]', passages).citations;
		expect(citation).toEqual({ ...passages[0], marker: 1 });
	});
});

test('a citation names the page of its quote, where the passage reaches over several', () => {
	const first = 'Delivery is free.';
	const second = 'Invoices are paid within 45 days.';
	const passage = {
		...{ source: 'contract.pdf', text: `${first} ${second}`, start: 100, end: 152 },
		...{ page: 1, pageStarts: [118], marker: 1 },
	};
	const pageOf = (answer: string) => withQuotes(answer, [passage])[0];
	expect(pageOf('Invoices are paid within 45 days. [1]')).toMatchObject({ page: 2, quote: { start: 118 } });
	expect(pageOf('Delivery is free. [1]')).toMatchObject({ page: 1, quote: { start: 100 } });
	expect(pageOf('Invoices are paid within 45 days. [1]')).not.toHaveProperty('pageStarts');
});

test('a citation names the sheet of its quote, where the passage reaches over several', () => {
	const rows = ['Part: AB-1 costs 10 euros.', 'Bridges open in May.', 'The ferry closes in winter.'];
	const passage = {
		...{ source: 'prices.xlsx', text: rows.join(' '), start: 10, end: 85 },
		...{ sheet: 'Parts', sheetStarts: [37, 58], sheetNames: ['Bridges', 'Ferries'], marker: 1 },
	};
	const sheetOf = (answer: string) => withQuotes(answer, [passage])[0];
	expect(rows.map((row) => sheetOf(`${row} [1]`)?.sheet)).toEqual(['Parts', 'Bridges', 'Ferries']);
	expect(sheetOf('Bridges open in May. [1]')).not.toHaveProperty('sheetNames');
});
