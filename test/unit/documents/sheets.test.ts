import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utils, write, type WorkSheet } from '@e965/xlsx';
import { pptxOf, shape, zipOf } from './office';
import { read, readFixture, textOf } from './read';

jest.setTimeout(60_000);

type Book = 'xlsx' | 'xls' | 'ods' | 'xlsb';

function workbook(sheets: { readonly [name: string]: WorkSheet }, bookType: Book = 'xlsx'): Buffer {
	const book = utils.book_new();
	for (const [name, sheet] of Object.entries(sheets)) utils.book_append_sheet(book, sheet, name);
	return write(book, { type: 'buffer', bookType }) as Buffer;
}

const stock = (): WorkSheet =>
	utils.aoa_to_sheet([
		['Part', 'Stock'],
		['AB-1', 12],
		['AB-2', 0],
	]);

describe('workbooks', () => {
	it('are records below the name of their sheet, with sheet and row', async () => {
		const { text, locations, warnings, metadata } = await readFixture('xlsx.xlsx');
		expect(text).toBe(
			'# Stock\n\nPart: AB-1234/5\nStock: 12\nCounted on: 2026-03-01\n\nPart: AB-1234/7\nStock: 0\nCounted on: 2026-03-02\n\n# Prices\n\nPart: AB-1234/5\nPrice: 85.4\nGross: =B2*1.19',
		);
		expect(locations?.map(({ field, labels }) => [field, Array.from(labels ?? [])])).toEqual([
			['sheet', ['Stock', 'Prices']],
			['row', [2, 3, 2]],
		]);
		expect(warnings).toEqual([
			expect.stringMatching(/"Prices" has a formula without a stored value.*save it/),
		]);
		expect(metadata).toMatchObject({ sheets: ['Stock', 'Prices'] });
	});

	it.each<Book>(['xlsx', 'xls', 'ods', 'xlsb'])('%s is read alike', async (type) => {
		const data = workbook({ Stock: stock(), Empty: utils.aoa_to_sheet([]) }, type);
		expect(await textOf(data, `a.${type}`)).toBe('# Stock\n\nPart: AB-1\nStock: 12\n\nPart: AB-2\nStock: 0');
		// Whatever it is called.
		expect(await textOf(data, 'a.txt')).toContain('Part: AB-1');
	});

	it('have the words of text boxes, charts and diagrams', async () => {
		const { unzipSync } = await import('fflate');
		const drawing =
			'<d:wsDr xmlns:d="d" xmlns:a="a" xmlns:r="r" xmlns:c="c"><d:sp><d:txBody><a:p><a:r><a:t>Stock is counted on Fridays.</a:t></a:r></a:p></d:txBody></d:sp><d:graphicFrame><c:chart r:id="r1"/></d:graphicFrame></d:wsDr>';
		const chart =
			'<c:chartSpace xmlns:c="c"><c:chart><c:ser><c:tx><c:v/><c:pt><c:v>Pumps</c:v></c:pt></c:tx><c:cat><c:pt><c:v>May</c:v></c:pt></c:cat><c:val><c:pt><c:v>12</c:v></c:pt></c:val></c:ser></c:chart></c:chartSpace>';
		const relation = (id: string, type: string, target: string): string =>
			`<Relationships><Relationship Id="${id}" Type="x/${type}" Target="${target}"/></Relationships>`;
		const book = zipOf({
			...unzipSync(workbook({ Parts: stock(), Chart: utils.aoa_to_sheet([]) })),
			'xl/worksheets/_rels/sheet2.xml.rels': relation('r9', 'drawing', '../drawings/drawing1.xml'),
			'xl/drawings/drawing1.xml': drawing,
			'xl/drawings/_rels/drawing1.xml.rels': relation('r1', 'chart', '../charts/chart1.xml'),
			'xl/charts/chart1.xml': chart,
		});
		const { text } = await read(book, 'a.xlsx');
		expect(text.endsWith('# Chart\n\nStock is counted on Fridays.\n\nPumps: May 12')).toBe(true);
	});

	it('never round a number, and keep its sign', async () => {
		const sheet = utils.aoa_to_sheet([
			['What', 'Value'],
			...[
				['precise', 0.123456789],
				['big', 123456789012345],
				['rate', 0.075],
				['price', 1234.5],
				['date', 46_082.5],
				['time', 0.5625],
				['yes', true],
			],
		]);
		for (const [cell, z] of [
			['B2', '0.00'],
			['B4', '0%'],
			['B5', '#,##0.00 "€"'],
			['B6', 'dd.mm.yyyy hh:mm'],
			['B7', 'hh:mm'],
		] as const) {
			Object.assign(sheet[cell] as object, { z });
		}
		const text = await textOf(workbook({ S: sheet }), 'a.xlsx');
		expect(text.match(/Value: .*/g)).toEqual([
			...['Value: 0.123456789', 'Value: 123456789012345', 'Value: 7.5%', 'Value: 1234.5 €'],
			...['Value: 2026-03-01 12:00', 'Value: 13:30', 'Value: TRUE'],
		]);
	});

	const excelXml = (encoding: string): string =>
		`<?xml version="1.0" encoding="${encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><ss:Styles><ss:Style ss:ID="d"><ss:NumberFormat ss:Format="Short Date"/></ss:Style></ss:Styles><ss:Worksheet ss:Name="Lager"><ss:Table><ss:Row><ss:Cell><ss:Data ss:Type="String">Größe</ss:Data></ss:Cell><ss:Cell><ss:Data ss:Type="String">Am</ss:Data></ss:Cell></ss:Row><ss:Row ss:Index="5"><ss:Cell><ss:Data ss:Type="Number">1234.5</ss:Data></ss:Cell><ss:Cell ss:StyleID="d"><ss:Data ss:Type="DateTime">2026-03-01T00:00:00.000</ss:Data></ss:Cell></ss:Row></ss:Table></ss:Worksheet></ss:Workbook>`;

	it.each([
		['UTF-8', 'utf8'],
		['ISO-8859-1', 'latin1'],
		['UTF-16', 'utf16le'],
	] as const)('in XML of Excel 2003 in %s are read whatever they are called', async (name, encoding) => {
		const mark = encoding === 'utf16le' ? '\ufeff' : '';
		const file = Buffer.from(mark + excelXml(name), encoding);
		for (const called of ['a.xml', 'a.xls', 'a'])
			expect(await textOf(file, called)).toBe('# Lager\n\nGröße: 1234.5\nAm: 2026-03-01');
	});

	it('in XML of Excel 2003 are read behind white space', async () => {
		expect(await textOf(`\t\t\t\t\t\n${excelXml('UTF-8')}`, 'a.xml')).toMatch(/^# Lager\n\nGröße: 1234.5/);
	});

	it('of OpenDocument in a single part are read', async () => {
		const cell = (type: string, text: string): string =>
			`<table:table-cell ${type}><text:p>${text}</text:p></table:table-cell>`;
		const file = `<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet><table:table table:name="Lager"><table:table-row>${cell('office:value-type="string"', 'Größe')}${cell('office:value-type="string"', 'Preis')}</table:table-row><table:table-row>${cell('office:value-type="string"', 'L')}${cell('office:value-type="float" office:value="1234.567"', '1.235')}</table:table-row></table:table></office:spreadsheet></office:body></office:document>`;
		for (const called of ['a.fods', 'a.xml'])
			expect(await textOf(file, called)).toBe('# Lager\n\nGröße: L\nPreis: 1234.567');
	});

	it('of OpenDocument with a password are refused as such', async () => {
		const manifest =
			'<manifest:manifest><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>';
		const file = zipOf({
			mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
			'META-INF/manifest.xml': manifest,
			'content.xml': Buffer.from([7, 1, 200, 3]),
			'styles.xml': Buffer.from([9, 9, 9]),
		});
		// Their sizes are those before they were encrypted.
		file.writeUInt32LE(77_777, file.indexOf('content.xml') - 12);
		await expect(textOf(file, 'a.ods')).rejects.toThrow(/protected by a password.*remove the password/);
	});

	it('say the names of columns without values', async () => {
		const sheet = utils.aoa_to_sheet([
			['Part', 'Fuel', 'Stock', 'Checked by'],
			['AB-1', null, 12],
			['AB-2', ' ', 0, null],
		]);
		expect(await textOf(workbook({ S: sheet }), 'a.xlsx')).toBe(
			'# S\n\nEmpty columns: Fuel, Checked by\n\nPart: AB-1\nStock: 12\n\nPart: AB-2\nStock: 0',
		);
	});

	it('have the value of a merged cell in each of its rows, and titles above the header', async () => {
		const sheet = utils.aoa_to_sheet([
			['Price list 2026'],
			[],
			['Group', 'Part', 'Price'],
			['Pumps', 'P1', 10],
			[null, 'P2', 12],
			['Seals', 'S1', 1],
		]);
		sheet['!merges'] = [
			{ s: { r: 0, c: 0 }, e: { r: 0, c: 2 } },
			{ s: { r: 3, c: 0 }, e: { r: 4, c: 0 } },
		];
		expect(await textOf(workbook({ List: sheet }), 'a.xlsx')).toBe(
			'# List\n\nPrice list 2026\n\nGroup: Pumps\nPart: P1\nPrice: 10\n\nGroup: Pumps\nPart: P2\nPrice: 12\n\nGroup: Seals\nPart: S1\nPrice: 1',
		);
	});
});

describe('presentations', () => {
	it('are read with the notes of the speaker', async () => {
		const { text, locations } = await readFixture('pptx.pptx');
		expect(text).toBe('# Safety briefing\n\nWear gloves in hall 3\n\nNotes: Gloves are in locker 17');
		expect(locations).toMatchObject([{ field: 'slide' }]);
	});

	it('in the order of their slides, with lists and tables, without what every slide repeats', async () => {
		const table =
			'<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblPr firstRow="1"/><a:tr><a:tc gridSpan="2"><a:txBody><a:p><a:r><a:t>Prices</a:t></a:r></a:p></a:txBody></a:tc><a:tc hMerge="1"/></a:tr><a:tr><a:tc><a:txBody><a:p><a:r><a:t>Pump</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>10</a:t></a:r><a:r><a:rPr baseline="30000"/><a:t>3</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>';
		const data = pptxOf([
			{
				shapes: shape('title', 'One') + shape('body', 'first', 'second') + shape('sldNum', '1'),
				notes: 'Say hello',
			},
			{ shapes: `<p:grpSp>${shape('', 'In a group')}</p:grpSp>${table}` },
		]);
		const { text, locations, metadata } = await read(data, 'a.pptx');
		expect(text).toBe(
			'# One\n\n- first\n- second\n\nNotes: Say hello\n\nIn a group\n\n| Prices | Prices |\n| --- | --- |\n| Pump | 10^3 |',
		);
		expect(Array.from(locations?.[0]?.starts ?? [])).toEqual([0, text.indexOf('In a group')]);
		expect(metadata).toMatchObject({ slides: 2 });
	});
});

describe('a workbook of Excel 97–2003 whose structure is protected', () => {
	it.each(['protected-rc4.xls', 'protected-cryptoapi.xls'])(
		'is read: Excel knows its password (%s)',
		async (name) => {
			const { text, metadata } = await readFixture(name);
			expect(text).toContain('Part: AB-1002 Dichtung für Öl\nPrice: 14.2');
			expect(text).toContain('Part: X-2059\nPrice: 59.25');
			expect(text).toContain('Valid until 2027');
			expect(metadata).toMatchObject({ sheets: ['Prices', 'Notes'] });
		},
	);

	it('is read, and an XLSX file too', async () => {
		// Made with msoffcrypto-tool 6.1 from a workbook of ours.
		const { text } = await readFixture('protected-agile.xlsx');
		expect(text).toBe('# Stock\n\nPart: AB-1\nStock: 12\n\nPart: AB-2\nStock: 0');
		await expect(readFixture('locked-agile.xlsx')).rejects.toThrow(
			/protected by a password.*remove the password/,
		);
	});

	it('is refused with the way out where it has a password of its own', async () => {
		const file = await readFile(join(__dirname, '../../fixtures/documents/protected-rc4.xls'));
		// The salt is another one: the password that everybody knows does not fit any more.
		const salt = file.indexOf(Buffer.from(Array.from({ length: 16 }, (_, at) => at)));
		file.writeUInt8(0xff, salt);
		await expect(read(file, 'a.xls')).rejects.toThrow(/protected by a password.*remove the password/);
	});
});
