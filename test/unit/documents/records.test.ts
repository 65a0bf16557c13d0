import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { read, readFixture, textOf } from './read';

jest.setTimeout(60_000);

describe('numbers of JSON', () => {
	it('stay as they are written', async () => {
		const { text } = await readFixture('bigint.json');
		expect(text).toContain('order: 12345678901234567890\niban_check: 9007199254740993\nprice: 10.10\nqty: 1');
		expect(await textOf('{"a":1e400,"b":-0.0,"c":[1.50,2E+3]}\n{"d":{"e":0.10}}\n', 'a.jsonl')).toBe(
			'a: 1e400\nb: -0.0\nc: 1.50, 2E+3\n\nd.e: 0.10',
		);
	});
});

describe('a file in base64 within the data', () => {
	it('is read below it, and its letters are no text', async () => {
		const pdf = await readFile(join(__dirname, '../../fixtures/documents/table-by-row.pdf'));
		const packed = pdf.toString('base64');
		const xml = `<Invoice><Number>R-17</Number><File><Name>r-17.pdf</Name><Content>${packed.replace(/.{76}/g, '$&\n')}</Content></File></Invoice>`;
		const json = JSON.stringify({ number: 'R-17', file: `data:application/pdf;base64,${packed}` });
		for (const [data, name] of [
			[xml, 'a.xml'],
			[json, 'a.json'],
		] as const) {
			const text = await textOf(data, name);
			expect(text).toMatch(/number: R-17/i);
			expect(text).toContain('Pump housing');
			expect(text).not.toContain(packed.slice(0, 60));
		}
	});

	it('that cannot be read is named in a warning', async () => {
		const noise = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * at * 7) % 256));
		const { text, warnings } = await read(
			JSON.stringify({ number: 'R-17', scan: noise.toString('base64') }),
			'a.json',
		);
		expect(text).toBe('number: R-17');
		expect(warnings).toEqual([expect.stringContaining('"scan" was not read')]);
	});
});

describe('CSV', () => {
	it('as Excel writes it: the first line may name the delimiter', async () => {
		expect((await readFixture('excel-sep.csv')).text).toBe(
			'Artikel: Pumpe\nPreis: 1,50\n\nArtikel: Ventil\nPreis: 2,50',
		);
		expect(await textOf('\ufeffsep=\t\r\na\tb\r\n1;2\t3\r\n', 'a.csv')).toBe('a: 1;2\nb: 3');
	});

	it('has the delimiter that cuts all rows alike', async () => {
		const { text } = await readFixture('csv-commas-in-header.csv');
		expect(text).toContain('Betrag, EUR: 12,50');
		expect(await textOf('a|b, c|d\n1|2, 3|4\n', 'a.csv')).toBe('a: 1\nb, c: 2, 3\nd: 4');
		expect(await textOf('id,tags\n1,a;b\n2,c;d\n3,e\n', 'a.csv')).toContain('tags: a;b');
	});

	it('may have titles above its header', async () => {
		const { text, metadata } = await read(
			'Price list 2026;;\n;;\nPart;Name;Price\n1;Pump;12,50\n2;Seal;1,10\n',
			'a.csv',
		);
		expect(text).toBe(
			'Price list 2026\n\nPart: 1\nName: Pump\nPrice: 12,50\n\nPart: 2\nName: Seal\nPrice: 1,10',
		);
		expect(metadata).toEqual({ columns: ['Part', 'Name', 'Price'], records: 2 });
	});

	it('may have no header', async () => {
		expect(await textOf('1,2.5\n3,4.5\n', 'a.csv')).toBe(
			'column 1: 1\ncolumn 2: 2.5\n\ncolumn 1: 3\ncolumn 2: 4.5',
		);
	});
});
