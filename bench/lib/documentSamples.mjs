// Files of office work, made here, each with what a bare use of its library takes to get at the text.
import { createRequire } from 'node:module';
import { strToU8, unzipSync, zipSync } from 'fflate';

const require = createRequire(import.meta.url);
const LINE =
	'The pump of line 4 was repaired on 3 March; the seal AB-1234 costs 14.20 euros and lasts 24 months.';

/** Each: its bytes, how much is in it, how many files a quick run reads, and `bare()`, the library alone. */
export async function documentSamples() {
	return [await pdf(), await docx(), await xlsx(), await eml()];
}

async function pdf() {
	const pages = 40;
	const bytes = pdfOf(pages, 45);
	const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
	await import('pdfjs-dist/legacy/build/pdf.worker.mjs');
	return {
		...{ kind: 'PDF', name: 'bench.pdf', bytes, units: pages, unit: 'pages', quick: 5, library: 'pdf.js' },
		bare: async () => {
			const task = pdfjs.getDocument({ data: new Uint8Array(bytes), verbosity: 0, useSystemFonts: false });
			const document = await task.promise;
			let text = '';
			for (let number = 1; number <= document.numPages; number++) {
				const { items } = await (await document.getPage(number)).getTextContent();
				text += items.map(({ str }) => str).join(' ');
			}
			await task.destroy();
			return text;
		},
	};
}

/** A PDF of plain pages, as ISO 32000 has it. */
function pdfOf(pages, lines) {
	const objects = [
		'<< /Type /Catalog /Pages 2 0 R >>',
		`<< /Type /Pages /Count ${pages} /Kids [${Array.from({ length: pages }, (_, at) => `${4 + at * 2} 0 R`).join(' ')}] >>`,
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
	];
	for (let page = 0; page < pages; page++) {
		const text = Array.from({ length: lines }, (_, at) => `(${at + 1} ${LINE}) Tj T*`).join('\n');
		const content = `BT /F1 10 Tf 14 TL 50 780 Td\n${text}\nET`;
		objects.push(
			`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${5 + page * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
			`<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
		);
	}
	let file = '%PDF-1.7\n';
	const places = objects.map((object, at) => {
		const place = file.length;
		file += `${at + 1} 0 obj\n${object}\nendobj\n`;
		return place;
	});
	const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
	const size = objects.length + 1;
	return Buffer.from(
		`${file}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`,
	);
}

async function docx() {
	const paragraphs = 2000;
	const type = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument';
	const body = Array.from(
		{ length: paragraphs },
		(_, at) => `<w:p><w:r><w:t>${at} ${LINE}</w:t></w:r></w:p>`,
	).join('');
	const bytes = Buffer.from(
		zipSync({
			'_rels/.rels': strToU8(
				`<Relationships><Relationship Id="r1" Type="${type}" Target="word/document.xml"/></Relationships>`,
			),
			'word/document.xml': strToU8(
				`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
			),
		}),
	);
	const { Parser } = await import('htmlparser2');
	return {
		...{ kind: 'DOCX', name: 'bench.docx', bytes, units: paragraphs, unit: 'paragraphs' },
		...{ quick: 10, library: 'fflate and htmlparser2' },
		bare: async () => {
			const xml = new TextDecoder().decode(unzipSync(bytes)['word/document.xml']);
			let text = '';
			const parser = new Parser(
				{
					ontext: (part) => (text += part),
					onclosetag: (name) => (text += name === 'w:p' ? '\n' : ''),
				},
				{ xmlMode: true },
			);
			parser.end(xml);
			return text;
		},
	};
}

async function xlsx() {
	const rows = 3000;
	const { read, utils, write } = require('@e965/xlsx');
	const book = utils.book_new();
	const data = Array.from({ length: rows }, (_, at) => [
		`AB-${at}`,
		LINE.slice(0, 40),
		at,
		at * 1.5,
		'2026-03-01',
		'yes',
	]);
	utils.book_append_sheet(
		book,
		utils.aoa_to_sheet([['Part', 'Text', 'Stock', 'Price', 'Counted', 'Sold'], ...data]),
		'Stock',
	);
	const bytes = write(book, { type: 'buffer', bookType: 'xlsx', compression: true });
	return {
		...{ kind: 'XLSX', name: 'bench.xlsx', bytes, units: rows, unit: 'rows', quick: 5, library: 'xlsx' },
		bare: async () => {
			const { Sheets } = read(bytes, { type: 'buffer', dense: true, cellNF: true, cellFormula: true });
			return utils.sheet_to_json(Sheets.Stock, { header: 1, raw: false });
		},
	};
}

async function eml() {
	const body = Array.from({ length: 200 }, () => LINE).join('\r\n');
	const bytes = Buffer.from(
		`From: Ada <ada@example.org>\r\nTo: office@example.org\r\nSubject: Repair\r\nDate: Tue, 3 Mar 2026 10:00:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`,
	);
	const { default: PostalMime } = await import('postal-mime');
	return {
		...{ kind: 'EML', name: 'bench.eml', bytes, units: 1, unit: 'mails', quick: 200, library: 'postal-mime' },
		bare: async () => (await PostalMime.parse(bytes)).text,
	};
}
