// Small files made to take long, or much memory, of the process that reads them or of n8n itself. Before each was mended, those
// with a deadline were not read within minutes.
import { detectKind, extractText, READ_LIMITS, tablesOf, type ReadDocument } from '../../../lib/documents';
import { FORMATS } from '../../../lib/documents/formats';
import { KeptPages } from '../../../lib/documents/formats/ocr/kept';
import { DocumentWriter } from '../../../lib/documents/formats/writer';
import { pdfOf } from '../../support/pdf';
import { docxOf, zipOf } from './office';

jest.setTimeout(180_000);

const never = new AbortController().signal;
const run = (text: string, properties = ''): string =>
	`<w:r><w:rPr>${properties}</w:rPr><w:t>${text}</w:t></w:r>`;
const cell = (text: string, properties = ''): string =>
	`<w:tc><w:tcPr>${properties}</w:tcPr><w:p>${run(text)}</w:p></w:tc>`;
const raised = '<w:vertAlign w:val="superscript"/>';
const each = (count: number, part: (at: number) => string): string =>
	Array.from({ length: count }, (_, at) => part(at)).join('');

const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const SHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** A workbook of one sheet with this content. */
function xlsxOf(sheet: string): Buffer {
	const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
	const relations = (type: string, target: string): string =>
		`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="${RELATIONS}/${type}" Target="${target}"/></Relationships>`;
	return zipOf({
		'[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/></Types>`,
		'_rels/.rels': relations('officeDocument', 'xl/workbook.xml'),
		'xl/workbook.xml': `<workbook xmlns="${SHEET}" xmlns:r="${RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="r"/></sheets></workbook>`,
		'xl/_rels/workbook.xml.rels': relations('worksheet', 'worksheets/sheet1.xml'),
		'xl/worksheets/sheet1.xml': `<worksheet xmlns="${SHEET}">${sheet}</worksheet>`,
	});
}

const letters = (name: string, value: string): string =>
	`<c r="${name}" t="inlineStr"><is><t>${value}</t></is></c>`;

const NUMBERING = `<w:abstractNum w:abstractNumId="1">${each(8_000, (at) => `<w:lvl w:ilvl="${at + 9}"/>`)}<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1">${each(8_000, (at) => `<w:lvlOverride w:ilvl="${at + 9}"/>`)}<w:abstractNumId w:val="1"/></w:num>`;

const SLOW: ReadonlyArray<readonly [name: string, file: string, make: () => Buffer, expected: string]> = [
	[
		'rows of very many cells in Word',
		'a.docx',
		() => docxOf(`<w:tbl>${each(2, () => `<w:tr>${each(60_000, () => cell('a'))}</w:tr>`)}</w:tbl>`),
		'| a',
	],
	[
		'very many footnotes in Word',
		'a.docx',
		() =>
			docxOf(`<w:p>${each(40_000, (at) => `<w:r><w:footnoteReference w:id="${at}"/></w:r>`)}</w:p>`, {
				footnotes: each(40_000, (at) => `<w:footnote w:id="${at}"><w:p>${run('n')}</w:p></w:footnote>`),
			}),
		'[40000] n',
	],
	[
		'very many levels of a list in Word',
		'a.docx',
		() =>
			docxOf(
				each(
					8_000,
					() =>
						`<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>${run('a')}</w:p>`,
				),
				{ numbering: NUMBERING },
			),
		'8000. a',
	],
	[
		'raised figures in one paragraph of Word',
		'a.docx',
		() => docxOf(`<w:p>${each(60_000, () => run('m') + run('2', raised))}</w:p>`),
		'm^2m^2',
	],
	[
		'raised figures in one paragraph of RTF',
		'a.rtf',
		() => Buffer.from(`{\\rtf1 ${'m{\\super 2}'.repeat(150_000)}}`),
		'm^2m^2',
	],
	[
		'a sheet whose second row is number 4,000,000,000',
		'a.xlsx',
		() =>
			xlsxOf(
				`<sheetData><row r="1">${letters('A1', 'Part')}</row><row r="4000000000">${letters('A4000000000', 'AB')}</row></sheetData>`,
			),
		'AB',
	],
	[
		'ranges of merged cells, each as long as the sheet',
		'a.xlsx',
		() =>
			xlsxOf(
				`<sheetData><row r="1">${letters('A1', 'Part')}</row><row r="9000">${letters('B9000', 'AB')}</row></sheetData><mergeCells>${'<mergeCell ref="A1:A9000"/>'.repeat(60_000)}</mergeCells>`,
			),
		'AB',
	],
	[
		'a mail of line breaks',
		'a.eml',
		() => Buffer.from(`Subject: Lines\r\nFrom: a@b.c\r\n\r\nBegin${'\n'.repeat(6_000_000)}end`),
		'end',
	],
];

describe('a file that was made to take long', () => {
	it.each(SLOW)('%s', async (_, name, make, expected) => {
		const bytes = make();
		const { text } = await extractText(
			{ bytes, kind: detectKind(bytes, name), name },
			{ ...READ_LIMITS, parseMs: 60_000 },
			never,
		);
		expect(text).toContain(expected);
	});
});

describe('a page', () => {
	it.each(['nav', 'footer'])('with a million blocks in its %s is read', async (name) => {
		const page = `<${name}>${'<p>x</p>'.repeat(300_000)}</${name}><p>The text.</p>`;
		const writer = new DocumentWriter(READ_LIMITS.textLength);
		const parse = await FORMATS.html();
		const noPage = (): void => undefined;
		const bytes = Buffer.from(page);
		const shared = { pageDone: noPage, keptPages: new KeptPages(bytes) };
		await parse({ bytes, readNested: async () => undefined, ...shared }, writer);
		expect(writer.finish().text).toContain('The text.');
	});
});

describe('what JavaScript cannot hold', () => {
	it.each([
		['paths of records longer than any text', /holds more in one piece/, () => longPaths()],
		['JSON nested 300,000 deep', /nested too deeply/, () => `${'['.repeat(3e5)}${']'.repeat(3e5)}`],
	])('%s is refused in plain words', async (_, message, make) => {
		const file = { bytes: Buffer.from(make()), kind: 'json' as const };
		await expect(extractText(file, READ_LIMITS, never)).rejects.toThrow(message);
	});
});

/** Values below a path of 8 MB. */
function longPaths(): string {
	let json = `[${Array.from({ length: 150 }, () => '{"a":1}').join(',')}]`;
	for (let depth = 0; depth < 8; depth++) json = `{"${'k'.repeat(1_000_000)}":${json}}`;
	return json;
}

describe('pages', () => {
	afterEach(() => jest.restoreAllMocks());

	const emptyPages = (count: number): Buffer => {
		const kids = Array.from({ length: count }, (_, at) => `${at + 3} 0 R`);
		return pdfOf([
			'<< /Type /Catalog /Pages 2 0 R >>',
			`<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${kids.length} >>`,
			...kids.map(() => '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>'),
		]);
	};
	/** Each look at the clock comes so many seconds after the one before. */
	const timePasses = (seconds: number): void => {
		let looks = 0;
		jest.spyOn(performance, 'now').mockImplementation(() => looks++ * seconds * 1000);
	};

	it('may take as long as a file one by one, but not all of them', async () => {
		timePasses(60);
		await expect(extractText({ kind: 'pdf', bytes: emptyPages(20) }, READ_LIMITS, never)).rejects.toThrow(
			/^The pages of the file take too long to read: 4 took \d minutes\. Split it into files of fewer pages\.$/,
		);
	});

	it('that keep their pace have an hour together', async () => {
		timePasses(29);
		await expect(extractText({ kind: 'pdf', bytes: emptyPages(130) }, READ_LIMITS, never)).rejects.toThrow(
			/take too long to read: 125 took 61 minutes/,
		);
	});
});

describe('tables', () => {
	/** Records as a reader gives them. */
	const records = (fields: ReadonlyArray<ReadonlyArray<readonly [string, string]>>): ReadDocument => ({
		text: '',
		blocks: fields.map((each) => ({ type: 'record', start: 0, end: 0, fields: each })),
	});

	it('with one wide row and very many short ones are refused before n8n has them in memory', async () => {
		const wide = Array.from({ length: 16_384 }, (_, at) => [`c${at}`, 'x'] as const);
		const rows = Array.from({ length: 60_000 }, () => [['c0', 'x'] as const]);
		await expect(tablesOf(records([wide, ...rows]))).rejects.toMatchObject({ kind: 'tooLarge' });
	});

	it('whose rows all have other columns are refused', async () => {
		const rows = Array.from({ length: 20_000 }, (_, at) => [[`c${at}`, 'x'] as const]);
		await expect(tablesOf(records(rows))).rejects.toThrow(/more than 5,000,000 cells/);
	});

	it('of a hundred thousand rows are given', async () => {
		const rows = Array.from({ length: 100_000 }, (_, at) => [['c', `${at}`] as const]);
		const [table] = await tablesOf(records(rows));
		expect(table?.rows).toHaveLength(100_000);
	});
});

describe('what n8n itself looks at before a file is read', () => {
	it('finds the type of an OLE file by its directory, wherever that is', async () => {
		const large = Buffer.alloc(40 * 2 ** 20);
		large.write('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1');
		large.writeUInt16LE(9, 0x1e);
		const sector = 60_000;
		large.writeUInt32LE(sector, 0x30);
		large.write('Root Entry', (sector + 1) * 512, 'utf16le');
		large.write('WordDocument', (sector + 1) * 512 + 128, 'utf16le');
		expect(detectKind(large, 'a.doc')).toBe('doc');
	});
});
