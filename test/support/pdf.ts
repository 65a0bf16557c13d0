// PDF files for tests, as ISO 32000 has them.
import { deflateSync } from 'node:zlib';
import type { PNG } from 'pngjs';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A PDF file of these objects, numbered from 1; the first one is its catalog. */
export function pdfOf(objects: ReadonlyArray<string | Buffer>): Buffer {
	const parts = [bytes('%PDF-1.7\n')];
	const offsets: number[] = [];
	let length = parts[0]?.byteLength ?? 0;
	objects.forEach((object, at) => {
		offsets.push(length);
		const content = typeof object === 'string' ? bytes(object) : object;
		const whole = Buffer.concat([bytes(`${at + 1} 0 obj\n`), content, bytes('\nendobj\n')]);
		parts.push(whole);
		length += whole.byteLength;
	});
	const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
	const size = objects.length + 1;
	parts.push(
		bytes(
			`xref\n0 ${size}\n0000000000 65535 f \n${table}trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`,
		),
	);
	return Buffer.concat(parts);
}

/** A stream, compressed. */
export function streamOf(content: string | Buffer, dictionary = ''): Buffer {
	const packed = deflateSync(content);
	return Buffer.concat([
		bytes(`<< /Length ${packed.byteLength} /Filter /FlateDecode ${dictionary} >>\nstream\n`),
		packed,
		bytes('\nendstream'),
	]);
}

/** Two objects a page behind the catalog and the list of pages. */
const head = (pages: number, perPage: number): string[] => [
	'<< /Type /Catalog /Pages 2 0 R >>',
	`<< /Type /Pages /Count ${pages} /Kids [${Array.from({ length: pages }, (_, at) => `${3 + at * perPage} 0 R`).join(' ')}] >>`,
];

/** A PDF whose pages have these lines of text. */
export function pdfOfText(pages: ReadonlyArray<readonly string[]>): Buffer {
	const font = 3 + pages.length * 2;
	return pdfOf([
		...head(pages.length, 2),
		...pages.flatMap((lines, at) => [
			`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${4 + at * 2} 0 R /Resources << /Font << /F1 ${font} 0 R >> >> >>`,
			streamOf(`BT /F1 12 Tf 16 TL 60 780 Td\n${lines.map((line) => `(${line}) Tj T*`).join('\n')}\nET`),
		]),
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
	]);
}

/** A PDF whose pages hold nothing but a picture with 200 dots per inch. */
export function pdfOfScans(scans: readonly PNG[]): Buffer {
	return pdfOf([
		...head(scans.length, 3),
		...scans.flatMap(({ width, height, data }, at) => {
			const [wide, high] = [(width * 72) / 200, (height * 72) / 200];
			const grey = Buffer.from(Array.from({ length: width * height }, (_, pixel) => data[pixel * 4] ?? 255));
			return [
				`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${wide} ${high}] /Contents ${4 + at * 3} 0 R /Resources << /XObject << /Im ${5 + at * 3} 0 R >> >> >>`,
				streamOf(`q ${wide} 0 0 ${high} 0 0 cm /Im Do Q`),
				streamOf(
					grey,
					`/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8`,
				),
			];
		}),
	]);
}
