import { zipOf } from './office';
import { read, readFixture, textOf } from './read';

jest.setTimeout(60_000);

describe('RTF', () => {
	it('is read with its letters', async () => {
		expect((await readFixture('rtf.rtf')).text).toBe('The warranty lasts 36 months.\n\nGrüße aus Köln.');
	});

	it('knows code pages, Unicode, raised figures, notes, tables and what is hidden', async () => {
		const rtf = [
			'{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial Cyr;}}{\\info{\\title Terms}}{\\*\\generator Word;}',
			'\\f0 Price 10{\\super 6} \\u8364? {\\strike old }{\\v hidden }new{\\footnote \\f0 Net of tax.}\\par',
			"\\f1 \\'cd\\'e0\\'f1\\'ee\\'f1\\f0\\par",
			'\\trowd\\intbl Part\\cell Price\\cell\\row\\trowd\\intbl Pump\\cell 10\\cell\\row\\pard Done\\{\\}.\\par}',
		].join('\n');
		const { text, title } = await read(Buffer.from(rtf, 'latin1'), 'a.doc');
		expect(text).toBe(
			'Price 10^6 € new [1]\n\nНасос\n\n| Part | Price |\n| Pump | 10 |\n\nDone{}.\n\n[1] Net of tax.',
		);
		expect(title).toBe('Terms');
	});

	it('loses nothing where a file ends early, or a mark stands where it says nothing', async () => {
		expect(await textOf('{\\rtf1 Goods\\par Fax station\\cell Fax number\\cell }', 'a.rtf')).toBe(
			'Goods\n\n| Fax station | Fax number |',
		);
		expect(await textOf('{\\rtf1{\\i0\\*\\cs7 The quick brown fox}\\par }', 'a.rtf')).toBe(
			'The quick brown fox',
		);
	});

	it('has bullets of symbol fonts, and letters that stand in a wrong font', async () => {
		const fonts =
			'{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset2 Symbol;}{\\f2\\fcharset128 OpenSymbol;}}';
		const rtf = `{\\rtf1\\ansi${fonts}{\\listtext\\f1\\'b7\\tab}\\f0 one\\par{\\listtext\\u-3913 ?\\tab}two\\par{\\f2\\'96\\tab}three\\par}`;
		expect(await textOf(rtf, 'a.rtf')).toBe('•\tone\n\n•\ttwo\n\n–\tthree');
	});

	it('in the code pages of DOS and of the Mac in Japan', async () => {
		const text = async (page: string, codes: string): Promise<string> =>
			await textOf(`{\\rtf1\\ansi${page} ${codes}\\par}`, 'a.rtf');
		const codes = "Gr\\'81\\'e1e 5 \\'9d";
		expect(await text('\\ansicpg437', codes)).toBe('Grüße 5 ¥');
		expect(await text('\\ansicpg850', codes)).toBe('Grüße 5 Ø');
		expect(await text('\\pc', codes)).toBe('Grüße 5 ¥');
		expect(await text('\\pca', codes)).toBe('Grüße 5 Ø');
		expect(await text('\\ansicpg852', "Wa\\'88\\'a9sa")).toBe('Wałęsa');
		expect(await text('\\ansicpg858', "5 \\'d5")).toBe('5 €');
		expect(await text('\\ansicpg10001', "\\'93\\'8c\\'8b\\'9e")).toBe('東京');
	});

	it('where nothing stands in for a letter before a word or brace', async () => {
		expect(await textOf('{\\rtf1{\\listtext\\tab \\u8226 \\tab}First\\par \\u8364}5\\par}', 'a.rtf')).toBe(
			'•\tFirst\n\n€5',
		);
	});
});

const ODF =
	'xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:style="s" xmlns:draw="d" xmlns:fo="f" xmlns:presentation="p" xmlns:dc="dc" xmlns:meta="m"';
const odf = (type: string, body: string, styles = ''): Buffer =>
	zipOf({
		mimetype: `application/vnd.oasis.opendocument.${type}`,
		'content.xml': `<office:document-content ${ODF}><office:automatic-styles>${styles}</office:automatic-styles><office:body>${body}</office:body></office:document-content>`,
		'meta.xml': `<office:document-meta ${ODF}><office:meta><dc:title>The title</dc:title><meta:initial-creator>Ann</meta:initial-creator></office:meta></office:document-meta>`,
	});

describe('OpenDocument', () => {
	it('letters have headings, lists, tables, notes and comments', async () => {
		const styles =
			'<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/><text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/></text:list-style><style:style style:name="T1"><style:text-properties style:text-line-through-style="solid"/></style:style><style:style style:name="T2"><style:text-properties style:text-position="super 58%"/></style:style>';
		const body = `<office:text><text:h text:outline-level="2">Scope</text:h><text:p>Thirty<text:s text:c="2"/>days, 10<text:span text:style-name="T2">6</text:span> <text:span text:style-name="T1">old</text:span>new<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Net.</text:p></text:note-body></text:note></text:p><text:list text:style-name="L1"><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>inner</text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>two</text:p></text:list-item></text:list><table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>A</text:p></table:table-cell><table:table-cell><text:p>B</text:p></table:table-cell></table:table-row></table:table-header-rows><table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>1</text:p></table:table-cell><table:table-cell><text:p>2</text:p></table:table-cell></table:table-row><table:table-row><table:covered-table-cell/><table:table-cell><text:p>3</text:p></table:table-cell></table:table-row></table:table></office:text>`;
		const { text, title, metadata } = await read(odf('text', body, styles), 'a.odt');
		expect(text).toBe(
			'## Scope\n\nThirty  days, 10^6 new [1]\n\n1. one\n  a) inner\n2. two\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n| 1 | 3 |\n\n[1] Net.',
		);
		expect([title, metadata]).toEqual(['The title', { author: 'Ann' }]);
	});

	it('letters have headers and footers, also where all is in one part', async () => {
		const master = `<office:master-styles><style:master-page><style:header><text:p>QM-7-12</text:p><text:p>Work instruction</text:p></style:header><style:footer><text:p>Page 1</text:p></style:footer></style:master-page><style:master-page><style:footer><text:p>Confidential</text:p></style:footer></style:master-page></office:master-styles>`;
		const text = '<office:text><text:p>Tighten.</text:p></office:text>';
		const found = 'Header: QM-7-12\nWork instruction\n\nFooter: Page 1\n\nFooter: Confidential\n\nTighten.';
		const parts = zipOf({
			mimetype: 'application/vnd.oasis.opendocument.text',
			'content.xml': `<office:document-content ${ODF}><office:body>${text}</office:body></office:document-content>`,
			'styles.xml': `<office:document-styles ${ODF}>${master}</office:document-styles>`,
		});
		expect(await textOf(parts, 'a.odt')).toBe(found);
		const flat = `<?xml version="1.0" encoding="UTF-8"?>\n<office:document ${ODF} office:mimetype="application/vnd.oasis.opendocument.text"><office:meta><dc:title>The title</dc:title></office:meta>${master}<office:body>${text}</office:body></office:document>`;
		const one = await read(flat, 'a.fodt');
		expect([one.text, one.title]).toEqual([found, 'The title']);
	});

	it('presentations have slides and notes', async () => {
		const slide = (title: string, text: string): string =>
			`<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>${title}</text:p></draw:text-box></draw:frame><draw:frame><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame><presentation:notes><text:p>Say ${title}.</text:p></presentation:notes></draw:page>`;
		const { text, locations } = await read(
			odf(
				'presentation',
				`<office:presentation>${slide('One', 'first')}${slide('Two', 'second')}</office:presentation>`,
			),
			'a.odp',
		);
		expect(text).toBe('# One\n\nfirst\n\nNotes: Say One.\n\n# Two\n\nsecond\n\nNotes: Say Two.');
		expect(locations).toMatchObject([{ field: 'slide' }]);
	});
});

describe('books', () => {
	it('are read in the order of their chapters', async () => {
		const data = zipOf({
			mimetype: 'application/epub+zip',
			'META-INF/container.xml':
				'<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
			'OPS/book.opf':
				'<package><metadata xmlns:dc="d"><dc:title>Pumps</dc:title><dc:creator>Ann</dc:creator></metadata><manifest><item id="a" href="a%20b.xhtml"/><item id="z" href="z.xhtml"/></manifest><spine><itemref idref="z"/><itemref idref="a"/></spine></package>',
			'OPS/a b.xhtml': '<html><body><h1>Second</h1><p>10<sup>6</sup></p></body></html>',
			'OPS/z.xhtml': '<html><head><title>x</title></head><body><h1>First</h1></body></html>',
		});
		const { text, title, metadata } = await read(data, 'a.epub');
		expect(text).toBe('# First\n\n# Second\n\n10^6');
		expect([title, metadata]).toEqual(['Pumps', { author: 'Ann' }]);
	});
});

describe('XML', () => {
	it('is read as its elements say, in the encoding it names', async () => {
		const { text, warnings } = await readFixture('xml.xml');
		expect(text).toContain('name: Kühler für Öl');
		expect(text).not.toContain('<');
		expect(warnings).toBeUndefined();
	});

	it('of data is records, of text paragraphs', async () => {
		const data =
			'<?xml version="1.0"?><list xmlns="urn:x"><part nr="7"><name>Pump</name><price cur="EUR">10.10</price></part><part nr="8"><name>Seal &amp; ring</name></part></list>';
		expect(await textOf(data, 'a')).toBe(
			'part nr: 7\npart.name: Pump\npart.price cur: EUR\npart.price: 10.10\n\npart nr: 8\npart.name: Seal & ring',
		);
		const book =
			'<book><title>Pumps</title><para>Turn <emph>left</emph> now.</para><para>Stop.</para></book>';
		expect(await textOf(book, 'a.xml')).toBe('## Pumps\n\nTurn left now.\n\nStop.');
		const damaged = await read('<a><b>one</b><c>two', 'a.xml');
		expect(damaged.text).toBe('b: one\nc: two');
		expect(damaged.warnings?.[0]).toContain('not closed');
	});
});

describe('what is said', () => {
	it('in subtitles stands without times', async () => {
		const vtt =
			'WEBVTT\n\nNOTE made by hand\n\n1\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hello <b>all</b>\n\n00:02.000 --> 00:03.000\nHello all\n\n00:03.000 --> 00:04.000\nBye &amp; thanks\n';
		expect(await textOf(vtt, 'a')).toBe('Ann: Hello all\nHello all\nBye & thanks');
		const srt =
			'1\r\n00:00:01,000 --> 00:00:02,000\r\nOne\r\ntwo\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\n<i>Three</i>\r\n';
		expect(await textOf(srt, 'a.srt')).toBe('One\ntwo\nThree');
	});
});

describe('calendars and cards', () => {
	it('are records', async () => {
		const ics = [
			...[
				'BEGIN:VCALENDAR',
				'BEGIN:VEVENT',
				'SUMMARY:Main',
				' tenance\\, hall 3',
				'DTSTART;TZID=Europe/Berlin:20260301T093000',
			],
			...[
				'ORGANIZER;CN="Ann B":mailto:a@b.c',
				'DESCRIPTION:Bring:\\ngloves',
				'BEGIN:VALARM',
				'DESCRIPTION:alarm',
				'END:VALARM',
				'END:VEVENT',
				'END:VCALENDAR',
			],
		].join('\r\n');
		expect(await textOf(ics, 'a.txt')).toBe(
			'Summary: Maintenance, hall 3\nStart: 2026-03-01 09:30 Europe/Berlin\nOrganizer: Ann B <a@b.c>\nDescription: Bring:\ngloves',
		);
		expect(
			await textOf(
				'BEGIN:VCARD\nFN:Ann B\nitem1.EMAIL:a@b.c\nADR:;;Quay 1;Kiel;;24103;\nEND:VCARD\n',
				'a.vcf',
			),
		).toBe('Name: Ann B\nE-mail: a@b.c\nAddress: Quay 1, Kiel, 24103');
	});
});

describe('notebooks', () => {
	it('are texts, code and what it printed', async () => {
		const cells = [
			{ cell_type: 'markdown', source: ['# Pumps\n', '\n', 'We count.'] },
			{
				cell_type: 'code',
				source: 'print(1)',
				outputs: [
					{ text: ['\u001b[0;32m1\u001b[0m\n'] },
					{ data: { 'text/plain': ['2'], 'image/png': 'x' } },
				],
			},
		];
		expect(await textOf(JSON.stringify({ nbformat: 4, cells }), 'a.ipynb')).toBe(
			'# Pumps\n\nWe count.\n\n```\nprint(1)\n```\n\n```\n1\n```\n\n```\n2\n```',
		);
	});
});
