import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { docxOf, p, r } from './office';
import { read, readFixture, textOf } from './read';

jest.setTimeout(60_000);

const word = async (body: string, parts: { readonly [name: string]: string } = {}): Promise<string> =>
	await textOf(docxOf(body, parts), 'a.docx');

const level = (at: number, format: string, text: string, more = ''): string =>
	`<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${more}<w:lvlText w:val="${text}"/></w:lvl>`;
const numbering = [
	`<w:abstractNum w:abstractNumId="1">${level(0, 'decimal', '%1.')}${level(1, 'decimal', '%1.%2')}${level(2, 'lowerLetter', '%3)')}</w:abstractNum>`,
	`<w:abstractNum w:abstractNumId="2">${level(0, 'upperRoman', 'Article %1')}${level(1, 'decimal', '§ %1.%2', '<w:isLgl/>')}</w:abstractNum>`,
	`<w:abstractNum w:abstractNumId="3">${level(0, 'bullet', '•')}</w:abstractNum>`,
	'<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>',
	'<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>',
	'<w:num w:numId="3"><w:abstractNumId w:val="3"/></w:num>',
	'<w:num w:numId="4"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>',
].join('');
const item = (list: number, depth: number, text: string): string =>
	p(text, `<w:numPr><w:ilvl w:val="${depth}"/><w:numId w:val="${list}"/></w:numPr>`);

describe('numbers that Word counts by itself', () => {
	it('go on across other paragraphs', async () => {
		const { text } = await readFixture('clauses.docx');
		expect(text).toContain('3. The contract runs for three years.');
		expect(text).toContain('5. Liability is limited');
	});

	it('are those of each level and list, and start again below another one', async () => {
		const body = [
			...[
				item(1, 0, 'a'),
				item(1, 1, 'b'),
				item(1, 1, 'c'),
				item(1, 2, 'd'),
				item(1, 0, 'e'),
				item(1, 1, 'f'),
			],
			...[item(2, 0, 'g'), item(2, 1, 'h'), item(3, 0, 'i'), item(4, 0, 'j'), item(4, 0, 'k')],
		].join('');
		expect(await word(body, { numbering })).toBe(
			[
				'1. a',
				'  1.1 b',
				'  1.2 c',
				'    a) d',
				'2. e',
				'  2.1 f',
				'Article I g',
				'  § 1.1 h',
				'- i',
				'5. j',
				'6. k',
			].join('\n'),
		);
	});

	it('stand before headings that have them from their style', async () => {
		const styles = [1, 2]
			.map(
				(at) =>
					`<w:style w:type="paragraph" w:styleId="H${at}"><w:name w:val="heading ${at}"/><w:pPr><w:numPr><w:ilvl w:val="${at - 1}"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`,
			)
			.join('');
		const heading = (at: number, text: string): string => p(text, `<w:pStyle w:val="H${at}"/>`);
		const body = heading(1, 'Scope') + heading(2, 'Parts') + p('Text.') + heading(1, 'Price');
		const { text, blocks } = await read(docxOf(body, { styles, numbering }), 'a.docx');
		expect(text).toBe('# 1. Scope\n\n## 1.1 Parts\n\nText.\n\n# 2. Price');
		expect(blocks.map(({ type, level: depth }) => [type, depth])).toEqual([
			['heading', 1],
			['heading', 2],
			['paragraph', undefined],
			['heading', 1],
		]);
	});
});

describe('what stands beside the text of a Word file', () => {
	it('headers and footers are told once', async () => {
		const { text } = await readFixture('header-footer.docx');
		expect(text.split('Work instruction QM-7-12, valid from 1 May 2026')).toHaveLength(2);
		const twice = { header1: p('QM-7'), header2: p('QM-7'), footer1: p('Page 3 of 4') };
		expect(await word(p('Text.'), twice)).toBe('Header: QM-7\n\nText.');
	});

	it('notes and comments follow it, by their marks', async () => {
		const body = p(
			`<w:r><w:t>Thirty days</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r><w:r><w:t> free.</w:t></w:r><w:r><w:commentReference w:id="2"/></w:r>`,
		);
		const footnotes = `<w:footnote w:id="0">${p('separator')}</w:footnote><w:footnote w:id="7">${p('Except cables.')}</w:footnote>`;
		const comments = `<w:comment w:id="2" w:author="Ann">${p('Check this.')}</w:comment><w:comment w:id="3">${p('Deleted.')}</w:comment>`;
		expect(await word(body, { footnotes, comments })).toBe(
			'Thirty days [1] free.\n\n[1] Except cables.\n\nComment (Ann): Check this.',
		);
	});

	it('changes are taken as accepted, hidden and struck-through text is left out', async () => {
		expect((await readFixture('tracked.docx')).text).toBe('The notice period is six months.');
		const body = p(
			`${r('Price ')}${r('100 ', '<w:strike/>')}${r('80 EUR', '<w:strike w:val="0"/>')}${r(' secret', '<w:vanish/>')}<w:ins><w:r><w:t> net</w:t></w:r></w:ins><w:del><w:r><w:delText> gross</w:delText></w:r></w:del>`,
		);
		expect(await word(body)).toBe('Price 80 EUR net');
	});

	it('charts say their figures', async () => {
		const drawing = (id: string): string =>
			p(`<w:r><w:drawing><a:graphicData><c:chart r:id="${id}"/></a:graphicData></w:drawing></w:r>`);
		const series =
			'<c:ser><c:tx><c:pt><c:v>Pumps</c:v></c:pt></c:tx><c:cat><c:pt><c:v>May</c:v></c:pt></c:cat><c:val><c:pt><c:v>12</c:v></c:pt></c:val></c:ser>';
		expect(await word(`${p(r('Sales'))}${drawing('p0')}`, { chart1: `<c:chart>${series}</c:chart>` })).toBe(
			'Sales\n\nPumps: May 12',
		);
	});

	it('text boxes are read once', async () => {
		const box = `<w:r><w:AlternateContent><w:Choice><w:txbxContent>${p('In a box.')}</w:txbxContent></w:Choice><w:Fallback><w:txbxContent>${p('In a box.')}</w:txbxContent></w:Fallback></w:AlternateContent></w:r>`;
		expect(await word(p(`<w:r><w:t>Text.</w:t></w:r>${box}`))).toBe('Text.\n\nIn a box.');
	});
});

describe('what Word sets in a line', () => {
	it('raised figures and equations', async () => {
		const raised = '<w:vertAlign w:val="superscript"/>';
		const equation =
			'<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f><m:r><m:t>=</m:t></m:r><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup><m:rad><m:deg/><m:e><m:r><m:t>c</m:t></m:r></m:e></m:rad></m:oMath>';
		expect(
			await word(
				p(
					`${r('within 30')}${r('1', raised)}${r(' days, 10')}${r('6', raised)}${r(' W, 1')}${r('st', raised)}`,
				),
			),
		).toBe('within 30^1 days, 10^6 W, 1st');
		expect(await word(p(`${r('so ')}${equation}${r('.')}`))).toBe('so (a+b)/2=x^2√(c).');
	});

	it('tabs, breaks, fields and ticks', async () => {
		const field =
			'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r><w:r><w:t>3 May</w:t></w:r>';
		expect(
			await word(
				p(
					`<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>e</w:t><w:noBreakHyphen/><w:t>mail </w:t></w:r>${field}<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>`,
				),
			),
		).toBe('a\tb\ne-mail 3 May[x]');
	});
});

describe('tables of Word', () => {
	const cell = (text: string, properties = ''): string =>
		`<w:tc><w:tcPr>${properties}</w:tcPr>${p(text)}</w:tc>`;
	const row = (...cells: string[]): string => `<w:tr>${cells.join('')}</w:tr>`;

	it('have merged cells under their columns', async () => {
		const table = `<w:tbl>${[
			`<w:tr><w:trPr><w:tblHeader/></w:trPr>${cell('Item')}${cell('Price', '<w:gridSpan w:val="2"/>')}</w:tr>`,
			row(cell('Valve', '<w:vMerge w:val="restart"/>'), cell('10'), cell('EUR')),
			row(cell('', '<w:vMerge/>'), cell('12'), cell('EUR')),
			row(cell('Pump'), cell('9'), cell('EUR')),
		].join('')}</w:tbl>`;
		const { text, blocks } = await read(docxOf(table), 'a.docx');
		expect(text).toBe(
			'| Item | Price | Price |\n| --- | --- | --- |\n| Valve | 10 | EUR |\n| Valve | 12 | EUR |\n| Pump | 9 | EUR |',
		);
		expect(blocks[0]?.table?.[1]?.[0]).toEqual({ text: 'Valve', columns: 1, rows: 2 });
	});

	it('that frame a text are text', async () => {
		expect(await word(`<w:tbl>${row(cell('Boxed.'))}</w:tbl>`)).toBe('Boxed.');
	});

	it('keep what stands in their cells, one line each', async () => {
		const nested = `<w:tc><w:tcPr/>${p('one')}<w:tbl>${row(cell('x'), cell('y'))}</w:tbl>${p('two')}</w:tc>`;
		expect(await word(`<w:tbl>${row(nested, cell('z'))}${row(cell('1'), cell('2'))}</w:tbl>`)).toBe(
			'| one x | y two | z |\n| 1 | 2 |',
		);
	});
});

it('a damaged Word file is told from a locked one', async () => {
	await expect(readFixture('locked-docx.docx')).rejects.toThrow('protected by a password');
	const whole = docxOf(p('Text. '.repeat(1000)));
	await expect(read(whole.subarray(0, whole.byteLength - 300), 'a.docx')).rejects.toThrow(
		/completely|no type/,
	);
});

describe('Word before 2007', () => {
	it('is read with headings, lists, tables and notes, without what was deleted, struck through or is a code', async () => {
		expect((await readFixture('old-word.doc')).text).toBe(
			[
				'Header: Northwind Pumps, service contract',
				'# Terms of service',
				'Payment is due within thirty days. The tank holds 10^6 litres. The fee is  450 euros[1] a year.',
				'1. Inspection in spring\n2. Repairs\n  a) of seals\n  b) of motors',
				'| Part | Description | Price |\n| --- | --- | --- |\n| AB-1001 | Pump housing | 120.50 |\n| AB-1002 | Dichtung für Œuvre – Ω | 14.20 |',
				'Questions: see our pages.',
				'[1] Without tax – the rate of the day holds.',
			].join('\n\n'),
		);
	});

	it('of which a part is missing is called damaged', async () => {
		const file = await readFile(join(__dirname, '../../fixtures/documents/old-word.doc'));
		// Where the list of its pieces stands.
		file.writeUInt32LE(0x7fffffff, file.indexOf(Buffer.from([0xec, 0xa5])) + 0x1a2);
		await expect(read(file, 'a.doc')).rejects.toThrow(/damaged.*its text cannot be found/);
	});
});
