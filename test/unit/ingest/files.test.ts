import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utils, write } from '@e965/xlsx';
import { strToU8, zipSync } from 'fflate';
import { syncAll, type DocumentLimits, type IngestFile } from '../../../lib/ingest';
import type { StoredPoint } from '../../../lib/vectorIndex';
import { MemoryIndex } from '../../support/memoryIndex';
import { pdfOf, streamOf } from '../../support/pdf';
import { WordEmbedder } from '../../support/wordEmbedder';

jest.setTimeout(60_000);

interface Stored {
	readonly text: string;
	readonly rows: readonly StoredPoint[];
	readonly reason?: string;
}

/** What the index holds of one file. */
async function store(
	file: IngestFile,
	size = 100_000,
	limits: Partial<DocumentLimits> = {},
): Promise<Stored> {
	const index = new MemoryIndex(8, 'letters/8');
	const options = { index, embedder: new WordEmbedder(), mode: 'add' as const, limits };
	const report = await syncAll([{ source: 'file', file }], {
		...options,
		chunking: { method: 'recursive', size },
	});
	const rows = [...index.rows.values()].sort((a, b) => Number(a.start) - Number(b.start));
	const [failure] = report.failed;
	return {
		text: rows.map(({ text }) => text).join(''),
		rows,
		...(failure?.reason ? { reason: failure.reason } : {}),
	};
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('text files', () => {
	it('are read by their byte order mark, as UTF-8, or as Windows-1252', async () => {
		expect((await store({ data: bytes('Grüße 🐝') })).text).toBe('Grüße 🐝');
		expect((await store({ data: bytes('\ufeffGrüße') })).text).toBe('Grüße');
		expect((await store({ data: Buffer.from('\ufeffGrüße', 'utf16le') })).text).toBe('Grüße');
		expect((await store({ data: Buffer.from('Gr\xfc\xdfe', 'latin1') })).text).toBe('Grüße');
	});

	it('are read from a stream, and not beyond the limit', async () => {
		async function* parts(): AsyncGenerator<Uint8Array> {
			// A letter cut in two by the boundary of the parts.
			yield bytes('Grü').subarray(0, 3);
			yield bytes('Grüße').subarray(3);
		}
		expect((await store({ data: parts() })).text).toBe('Grüße');
		expect((await store({ data: bytes('x'.repeat(101)) }, 100, { fileBytes: 100 })).reason).toContain(
			'larger than',
		);
	});

	it('are refused with a reason when they are binary or empty', async () => {
		const noise = Uint8Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256);
		expect((await store({ data: noise, name: 'notes.txt' })).reason).toContain('"notes.txt" is of no type');
		expect((await store({ data: new Uint8Array(0), name: 'a.md' })).reason).toContain('empty');
		const oldWord = Uint8Array.from([
			0xd0,
			0xcf,
			0x11,
			0xe0,
			0xa1,
			0xb1,
			0x1a,
			0xe1,
			...Array<number>(100).fill(0),
		]);
		expect((await store({ data: oldWord, name: 'old.doc' })).reason).toContain(
			'save it as .docx, .xlsx, .pptx or PDF',
		);
	});
});

describe('HTML files', () => {
	const page = `<!doctype html><html><head><title>Bees &amp; honey</title><style>p { color: red }</style></head><body>
		<script>alert("no")</script>
		<h1>Honey</h1><p>It is   <b>sweet</b>.<br>Very.</p>
		<ul><li>acacia</li><li>linden<ol><li>early</li></ol></li></ul>
		<table><tr><th>Year</th><th>Kilos</th></tr><tr><td>2024</td><td>31</td></tr></table>
		<pre>  keep
   this</pre></body></html>`;

	it('become text in which headings, lists, tables and code are still to be seen', async () => {
		const { text, rows } = await store({ data: bytes(page) });
		expect(text).toBe(
			[
				'# Honey\n',
				'It is sweet.\nVery.\n',
				'- acacia\n- linden\n  1. early\n',
				'| Year | Kilos |\n| --- | --- |\n| 2024 | 31 |\n',
				'```\n  keep\n   this\n```',
			].join('\n'),
		);
		expect(rows[0]?.metadata).toMatchObject({ title: 'Bees & honey' });
	});

	it('are recognised by content, name or MIME type', async () => {
		const fragment = { data: bytes('<p>one</p><p>two</p>') };
		expect((await store(fragment)).text).toBe('<p>one</p><p>two</p>');
		expect((await store({ ...fragment, name: 'page.HTM' })).text).toBe('one\n\ntwo');
		expect((await store({ ...fragment, mimeType: 'text/html; charset=utf-8' })).text).toBe('one\n\ntwo');
	});

	it('cannot exhaust anything by nesting or by tags that are never closed', async () => {
		const nested = `${'<div>'.repeat(19_000)}deep`;
		expect((await store({ data: bytes(nested), name: 'a.html' })).text).toBe('deep');
		const deeper = { data: bytes('<div>'.repeat(1_000_000)), name: 'a.html' };
		expect((await store(deeper)).reason).toContain('not closed');
		const unclosed = `${'<ul><li>'.repeat(5_000)}x</body>${'<b'.repeat(1000)}`;
		expect((await store({ data: bytes(unclosed), name: 'a.html' })).text).toContain('x');
	});
});

describe('workbooks', () => {
	it('become text with the sheet of each chunk, and of each place in it', async () => {
		const sheets = { Parts: 'AB-1', Bridges: 'Opened in May', Ferries: 'Closed in winter' };
		const book = utils.book_new();
		for (const [name, cell] of Object.entries(sheets))
			utils.book_append_sheet(book, utils.aoa_to_sheet([['What'], [cell]]), name);
		const data = write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
		const { text, rows } = await store({ data, name: 'a.xlsx' });
		const { sheet, sheetEnd, sheetStarts, sheetNames } = rows[0]?.metadata ?? {};
		expect([sheet, sheetEnd, sheetNames]).toEqual(['Parts', 'Ferries', ['Bridges', 'Ferries']]);
		expect((sheetStarts as number[]).map((at) => text.slice(at).split('\n')[0])).toEqual([
			'# Bridges',
			'# Ferries',
		]);
	});
});

describe('PDF files', () => {
	it('become text with the page of each chunk', async () => {
		const data = await readFile(join(__dirname, '../../fixtures/ingest/handbook.pdf'));
		const { text, rows } = await store({ data }, 80);
		expect(text).toContain('The harbour master closes the port when the wind is stronger than nine.');
		expect(rows[0]?.metadata).toMatchObject({ page: 1, pages: 2, title: 'Harbour handbook' });
		const fees = rows.find((row) => row.text.includes('14 euros'));
		expect(fees?.metadata).toMatchObject({ page: 2 });
		// A chunk that reaches over both says where the second begins.
		const whole = await store({ data }, 4000);
		const { page, pageEnd, pageStarts } = whole.rows[0]?.metadata ?? {};
		expect([page, pageEnd]).toEqual([1, 2]);
		const [second] = pageStarts as number[];
		expect(whole.text.slice(0, second)).toContain('stronger than nine');
		expect(whole.text.slice(0, second)).not.toContain('14 euros');
	});

	it('are refused with a reason when they are damaged or empty', async () => {
		expect((await store({ data: bytes('%PDF-1.7\nthis is no PDF at all') })).reason).toContain(
			'not the PDF file it seems to be',
		);
		expect((await store({ data: makePdf('') })).reason).toContain('its page is empty');
	});

	it('cannot hold the process for longer than the deadline', async () => {
		// A page of ten million drawing operators.
		const endless = makePdf('BT /F1 12 Tf (a) Tj ET\n'.repeat(3_000_000));
		const started = performance.now();
		const { reason } = await store({ data: endless }, 100, { parseMs: 1000 });
		expect(reason).toContain('within 1 s');
		expect(performance.now() - started).toBeLessThan(20_000);
	});

	it('cannot take more memory than the limit', async () => {
		// One megabyte of Flate data that inflates to a gigabyte.
		const bomb = makePdf(Buffer.alloc(1024 ** 3, ' '));
		expect(bomb.byteLength).toBeLessThan(2_000_000);
		const before = process.memoryUsage.rss();
		const { reason } = await store({ data: bomb }, 100, { parseBytes: 100 * 2 ** 20 });
		expect(reason).toMatch(/more than 100 MB of memory/);
		expect(process.memoryUsage.rss() - before).toBeLessThan(800 * 2 ** 20);
	});
});

describe('DOCX files', () => {
	it('become text with headings, lists and tables', async () => {
		const { text } = await store({
			data: makeDocx(
				'<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Honey</w:t></w:r></w:p><w:p><w:r><w:t>It is sweet.</w:t></w:r></w:p>',
			),
		});
		expect(text).toBe('# Honey\n\nIt is sweet.');
	});

	it('are told from other zip files and refused when damaged', async () => {
		const zip = Buffer.from(zipSync({ 'a.txt': strToU8('hello') }));
		expect((await store({ data: zip, name: 'a.docx' })).text).toBe('hello');
		const cut = makeDocx('<w:p><w:r><w:t>It is sweet.</w:t></w:r>');
		expect((await store({ data: cut })).reason).toContain('not the DOCX file it seems to be');
	});

	it('cannot be zip bombs', async () => {
		const bomb = makeDocx('<w:p><w:r><w:t>a</w:t></w:r></w:p>'.repeat(5_000_000));
		expect(bomb.byteLength).toBeLessThan(2_000_000);
		const { reason } = await store({ data: bomb }, 100, { parseBytes: 150 * 2 ** 20, parseMs: 30_000 });
		expect(reason).toMatch(/MB of memory|within 30 s/);
	});
});

describe('tables and records', () => {
	it('CSV becomes a paragraph a record, with columns and record numbers as metadata', async () => {
		const { text, rows } = await store(
			{ data: bytes('name;city\nAda;"Lon;don"\nGrace;"New\nYork"\n'), name: 'a.csv' },
			30,
		);
		expect(text).toBe('name: Ada\ncity: Lon;don\n\nname: Grace\ncity: New\nYork');
		expect(rows.map(({ metadata }) => metadata?.record)).toEqual([1, 2]);
		expect(rows[0]?.metadata).toMatchObject({ columns: ['name', 'city'], records: 2 });
	});

	it('JSON becomes lines with the path of each value', async () => {
		const one = { name: 'Ada', languages: ['en', 'fr'], address: { city: 'London', empty: null } };
		const { text } = await store({ data: bytes(JSON.stringify(one)), name: 'a.json' });
		expect(text).toBe('name: Ada\nlanguages: en, fr\naddress.city: London');
		const { rows } = await store(
			{ data: bytes(JSON.stringify([one, { name: 'Grace' }])), name: 'a.json' },
			60,
		);
		expect(rows.at(-1)).toMatchObject({ text: 'name: Grace', metadata: { record: 2, records: 2 } });
	});

	it('JSON lines keep their line numbers', async () => {
		const { rows } = await store({ data: bytes('{"a":1}\n\n{"a":2}\n'), name: 'a.jsonl' }, 6);
		expect(rows.map(({ text, metadata }) => [text.trim(), metadata?.line])).toEqual([
			['a: 1', 1],
			['a: 2', 3],
		]);
	});

	it('are refused with the place of the error', async () => {
		expect((await store({ data: bytes('{"a":'), name: 'a.json' })).reason).toContain(
			'not the JSON file it seems to be',
		);
		expect((await store({ data: bytes('{"a":1}\n{"a"'), name: 'a.jsonl' })).reason).toContain('Line 2');
		const deep = '['.repeat(2_000_000);
		expect((await store({ data: bytes(deep), name: 'a.json' })).reason).toBeDefined();
	});
});

function makeDocx(body: string): Buffer {
	const types =
		'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>';
	const relations =
		'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>';
	const document = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`;
	return Buffer.from(
		zipSync({
			'[Content_Types].xml': strToU8(types),
			'_rels/.rels': strToU8(relations),
			'word/document.xml': strToU8(document),
		}),
	);
}

/** A PDF of one page with the given content stream. */
const makePdf = (content: string | Buffer): Buffer =>
	pdfOf([
		'<< /Type /Catalog /Pages 2 0 R >>',
		'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
		'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
		streamOf(content),
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
	]);
