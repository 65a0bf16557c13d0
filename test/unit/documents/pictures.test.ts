import { PNG } from 'pngjs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Raster } from '../../../lib/documents/formats/pdf/raster';
import { orientationOf } from '../../../lib/documents/formats/ocr/exif';
import { tiffCopies } from '../../../lib/documents/formats/ocr/tiff';
import { tiffOf } from '../../support/tiff';
import { zipOf } from './office';
import { read, readFixture } from './read';

jest.setTimeout(120_000);

const WORDS = [
	'Wartungsvertrag 4711',
	'Die Kündigungsfrist beträgt drei Monate zum Quartalsende.',
	'Größere Reparaturen kosten 1.250,00 €',
	'The warranty for pump P-100 lasts 36 months',
];

const scan = async (): Promise<Buffer> =>
	await readFile(join(__dirname, '../../fixtures/documents/scan.png'));

describe('pictures', () => {
	it('have their words recognised, in German and English', async () => {
		const { text, warnings, metadata } = await readFixture('scan.png');
		for (const words of WORDS) expect(text).toContain(words);
		expect(text.split('\n\n')).toHaveLength(3);
		expect(warnings).toBeUndefined();
		expect(metadata).toEqual({ pages: 1 });
	});

	it('of a fax are read too', async () => {
		const { text } = await readFixture('tiff.tiff');
		for (const order of ['4700', '4701', '4702', '4703', '4704', '4705']) expect(text).toContain(order);
	});

	it.each(['scan-grey-jpeg.tiff', 'scan-colours-jpeg.tiff'])(
		'packed as JPEG in strips is read too (%s)',
		async (name) => {
			const { text, warnings } = await readFixture(name);
			expect(text).toContain('Wartungsvertrag 4711');
			expect(warnings).toBeUndefined();
		},
	);

	it('may have many pages, each with its number', async () => {
		const page = PNG.sync.read(await scan());
		const upper = new PNG({ width: page.width, height: 130 });
		PNG.bitblt(page, upper, 0, 0, page.width, 130, 0, 0);
		const { text, locations, metadata } = await read(tiffOf([upper, page, upper]), 'a.tif');
		expect(text.match(/Wartungsvertrag 4711/g)).toHaveLength(3);
		const starts = Array.from(locations?.[0]?.starts ?? []);
		expect(starts).toHaveLength(3);
		expect(text.slice(starts[2])).toBe('Wartungsvertrag 4711');
		expect(metadata).toEqual({ pages: 3 });
	});

	it('are read where a document holds nothing else: scans pasted into Word', async () => {
		const parts = { '[Content_Types].xml': '<Types/>', 'word/media/image2.png': await scan() };
		const word = zipOf({
			...parts,
			'word/document.xml':
				'<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Scan</w:t></w:r></w:p></w:body></w:document>',
		});
		const { text, warnings } = await read(word, 'scan.docx');
		expect(text.startsWith('Scan\n\n')).toBe(true);
		for (const words of WORDS) expect(text).toContain(words);
		expect(warnings).toEqual(['Words in pictures were recognised and may have mistakes.']);
		const photo = PNG.sync.write(new PNG({ width: 300, height: 300 }));
		const empty = zipOf({
			'word/media/image1.png': photo,
			'word/document.xml': '<w:document xmlns:w="w"><w:body><w:p/></w:body></w:document>',
		});
		await expect(read(empty, 'photo.docx')).rejects.toThrow(/only pictures.*at least 200 dpi/);
	});

	it('without words are refused with what to do', async () => {
		const empty = PNG.sync.write(new PNG({ width: 300, height: 300 }));
		await expect(read(empty, 'a.png')).rejects.toThrow(/No text was recognised.*200 dpi/);
		await expect(read(Buffer.from('GIF89a...'), 'a.gif')).rejects.toThrow(/Save it as PNG/);
	});

	it('of a TIFF that points to itself end', () => {
		const round = Buffer.alloc(20);
		round.write('II*\0', 'latin1');
		round.writeUInt32LE(8, 4);
		round.writeUInt32LE(8, 10);
		expect([...tiffCopies(round)]).toHaveLength(1);
	});

	it('of a camera say how it was held', () => {
		const exif = Buffer.alloc(60);
		exif.writeUInt16BE(0xffd8, 0);
		exif.writeUInt32BE(0xffe10030, 2);
		exif.write('Exif\0\0II*\0', 6, 'latin1');
		exif.writeUInt32LE(8, 16);
		exif.writeUInt16LE(1, 20);
		exif.writeUInt16LE(0x0112, 22);
		exif.writeUInt16LE(6, 30);
		expect(orientationOf(exif)).toBe(6);
		expect(orientationOf(exif.subarray(0, 24))).toBe(1);
		expect(orientationOf(Buffer.from('no jpeg'))).toBe(1);
	});
});

describe('a page of pictures', () => {
	it('has them where they lie, turned as they are', () => {
		const raster = new Raster(4, 2);
		const data = Uint8Array.from([10, 10, 10, 20, 20, 20]);
		// Two pixels beside each other, on the right half of the page.
		raster.draw({ width: 2, height: 1, depth: 'rgb', data }, [2, 0, 0, -1, 2, 1]);
		// One bit that is painted and one that is not, below each other on the left.
		raster.draw(
			{ width: 1, height: 2, depth: 'mask', data: Uint8Array.from([0x00, 0x80]) },
			[1, 0, 0, -2, 0, 2],
		);
		const [, pixels = ''] = Buffer.from(raster.toPgm()).toString('latin1').split('255\n');
		expect(Array.from(Buffer.from(pixels, 'latin1'))).toEqual([0, 255, 10, 20, 255, 255, 255, 255]);
		expect(() => new Raster(1e6, 1e6)).toThrow('too large');
	});
});
