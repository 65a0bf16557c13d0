import { partCount, partsOf, tablesOf } from '../../../lib/documents';
import { docxOf } from './office';
import { read, readFixture } from './read';

jest.setTimeout(60_000);

describe('a document taken apart', () => {
	it('gives each page of a PDF with its number', async () => {
		const found = await readFixture('mixed-scan.pdf');
		const parts = partsOf(found);
		expect(partCount(found)).toBe(5);
		expect(parts.map(({ place }) => place)).toEqual(
			[1, 2, 3, 4, 5].map((label) => ({ field: 'page', label })),
		);
		expect(parts[0]?.text).toContain('cover sheet');
		expect(parts[0]?.text).not.toContain('1,450 euros');
	});

	it('gives a text without pages as one', async () => {
		const found = await read('a,b\n1,2', 'a.csv');
		expect(partsOf(found)).toEqual([{ text: found.text }]);
		expect(partCount(found)).toBeUndefined();
	});
});

describe('tables', () => {
	it('of a sheet are its rows, with empty cells', async () => {
		const [stock, prices] = await tablesOf(await readFixture('xlsx.xlsx'));
		expect(stock).toEqual({
			place: { field: 'sheet', label: 'Stock' },
			columns: ['Part', 'Stock', 'Counted on'],
			rows: [
				['AB-1234/5', '12', '2026-03-01'],
				['AB-1234/7', '0', '2026-03-02'],
			],
		});
		expect(prices).toMatchObject({ place: { label: 'Prices' }, columns: ['Part', 'Price', 'Gross'] });
	});

	it('of a CSV file are its rows as they are written', async () => {
		expect(await tablesOf(await read('Part,Price\nAB-1,10.10\nAB-2,\n', 'a.csv'))).toEqual([
			{
				columns: ['Part', 'Price'],
				rows: [
					['AB-1', '10.10'],
					['AB-2', ''],
				],
			},
		]);
	});

	it('of a letter have a name for each column, once', async () => {
		const cell = (text: string): string => `<w:tc><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:tc>`;
		const row = (...cells: string[]): string => `<w:tr>${cells.map(cell).join('')}</w:tr>`;
		const table = `<w:tbl>${row('Price', '', 'Price')}${row('1', '2', '3')}${row('4')}</w:tbl>`;
		expect(await tablesOf(await read(docxOf(table), 'a.docx'))).toEqual([
			{
				columns: ['Price', 'column 2', 'Price 2'],
				rows: [
					['1', '2', '3'],
					['4', '', ''],
				],
			},
		]);
	});
});
