import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadingFinder } from '../../../lib/documents/formats/pdf/headings';
import type { PageLine } from '../../../lib/documents/formats/pdf/lines';
import { read, readFixture } from './read';

jest.setTimeout(120_000);

const fixture = async (name: string): Promise<string> => (await readFixture(name)).text;

describe('PDF', () => {
	it('has its letters where it names predefined character maps', async () => {
		expect(await fixture('cjk-japanese.pdf')).toContain('保証期間は納品日から二年間です。注文番号 4711');
		expect(await fixture('cjk-korean.pdf')).toContain('보증 기간은 2년입니다. 주문 번호 4711');
	});

	it('is read with what was typed into its form', async () => {
		expect(await fixture('form-filled.pdf')).toBe(
			[
				'Delivery complaint form',
				'Customer: Northwind Pumps Ltd',
				'Order number: PO-77341',
				'Defect: Seal leaks after 12 days',
				'Refund wanted: [x]',
				'Carrier: Blue Parcel',
			].join('\n\n'),
		);
	});

	it('has the words of scanned pages recognised, and says which those are', async () => {
		const { text, warnings, metadata, locations } = await readFixture('mixed-scan.pdf');
		expect(text).toContain('Lease agreement – cover sheet.');
		expect(text.match(/1,450 euros notice three months/g)).toHaveLength(4);
		expect(metadata).toMatchObject({ pages: 5 });
		expect(locations).toMatchObject([{ field: 'page' }]);
		expect(warnings).toEqual(['Pages 2–5 are scans: the text was recognised and may have mistakes.']);
	});

	it('is refused where its letters cannot be known', async () => {
		await expect(readFixture('no-tounicode.pdf')).rejects.toThrow(
			/fonts do not say which letters.*print it to a new PDF/,
		);
	});

	it('marks raised figures', async () => {
		const text = await fixture('superscript-pdf.pdf');
		expect(text).toContain('Goods can be returned within 30^1 days. The tank holds 10^6 litres.');
		expect(text).toContain('1 Except cut cables.');
	});

	it('joins words that are broken at the end of a line, and keeps the hyphens of others', async () => {
		const text = (await fixture('hyphenation.pdf')).replace(/\n/g, ' ');
		for (const word of [
			'delivery',
			'maintenance',
			'Gewährleistung',
			'Lieferzeit',
			'well-known',
			'self-service',
		])
			expect(text).toContain(word);
	});

	it('keeps columns and rows as they are drawn', async () => {
		expect(await fixture('columns-by-column.pdf')).toMatch(
			/go back at our cost\.\s+Blue crates travel by lorry/,
		);
		expect(await fixture('table-by-row.pdf')).toContain(
			'| Part | Description | Price |\n| --- | --- | --- |\n| AB-1001 | Pump housing | 120.50 |\n| AB-1002 | Shaft seal | 14.20 |',
		);
	});

	it('has the headings that larger letters show, in their order of size', async () => {
		const contract = join(__dirname, '../../../workflows/samples/supplier-contract.pdf');
		const { blocks, text } = await read(await readFile(contract), 'contract.pdf');
		const headings = blocks.filter(({ type }) => type === 'heading');
		expect(headings.map(({ start, end }) => text.slice(start, end)).slice(0, 3)).toEqual([
			'## Supply contract',
			'### 1. Subject of the contract',
			'### 2. Prices',
		]);
	});

	it('takes amounts and sentences in large letters for no headings', () => {
		const line = (text: string, height: number): PageLine => ({ text, height, isApart: false, y: 0 });
		const body = line('The pump is delivered within two weeks after the order was confirmed.', 10);
		const levels = (...lines: PageLine[]): Array<number | undefined> =>
			new HeadingFinder().partsOf([...lines, body]).map(({ level }) => level);
		expect(levels(line('1,450.00 €', 24))).toEqual([undefined, undefined]);
		expect(levels(line('Please read this before you switch it on.', 14))).toEqual([undefined, undefined]);
		expect(levels(line('A title that needs', 20), line('two lines', 20))).toEqual([1, undefined]);
		expect(levels(line('Chapter', 20), line('Section', 12))).toEqual([1, 3, undefined]);
	});

	it('takes no title that only a program wrote', async () => {
		const { title } = await readFixture('table-by-row.pdf');
		expect(title).toBeUndefined();
		const handbook = await readFile(join(__dirname, '../../fixtures/ingest/handbook.pdf'));
		expect((await read(handbook, 'a.pdf')).title).toBe('Harbour handbook');
	});
});
