import { DocumentError } from '../../errors';
import type { LoadParse } from '../parse';
import type { DocumentWriter } from '../writer';
import { openZip } from '../zipParts';
import { orientationOf } from './exif';
import { writeRecognised } from './page';
import { loadOcr, type Recognise } from './tesseract';

/** With fewer letters than this, a heading or a page number, what a file of Office says stands in its pictures. */
const FEW_LETTERS = 100;
/** Pictures recognised of one file. */
const MAX_PICTURES = 200;
/** Where Office and OpenDocument keep the pictures of a document, in formats that are read. */
const PICTURE = /(?:^|\/)(?:media|pictures)\/[^/]+\.(?:png|jpe?g|webp|tiff?)$/i;

/** The parser of a packed document that recognises the words of its pictures where it has no others: scans pasted into Word. */
export function withPictures(load: LoadParse): LoadParse {
	return async () => {
		const parse = await load();
		return async (input, writer) => {
			await parse(input, writer);
			if (writer.size >= FEW_LETTERS || !isZip(input.bytes)) return;
			const zip = openZip(input.bytes);
			const names = zip.names.filter((name) => PICTURE.test(name)).sort(inOrder);
			if (names.length === 0) return;
			const ocr = await loadOcr();
			const recognise: Recognise = (picture, orientation) =>
				input.keptPages.recognised(ocr, picture, orientation);
			let read = 0;
			for (const name of names.slice(0, MAX_PICTURES)) {
				if (writePicture(zip.bytes(name), recognise, writer)) read++;
				input.pageDone();
			}
			report(read, writer);
		};
	};
}

/** @throws DocumentError where nothing could be read */
function report(read: number, writer: DocumentWriter): void {
	if (read > 0) {
		writer.warn('Words in pictures were recognised and may have mistakes.');
	} else if (writer.size === 0) {
		throw new DocumentError(
			'unreadable',
			'The file holds only pictures, in which no text was recognised. Scan the pages with at least 200 dpi, upright and in focus.',
		);
	}
}

function writePicture(
	picture: Uint8Array | undefined,
	recognise: Recognise,
	writer: DocumentWriter,
): boolean {
	if (picture === undefined) return false;
	try {
		return writeRecognised(recognise(picture, orientationOf(picture)), writer) !== 'unread';
	} catch {
		// A picture that cannot be decoded says as little as one without words.
		return false;
	}
}

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** `image2` stands before `image10`. */
const collator = new Intl.Collator('en', { numeric: true });
const inOrder = (a: string, b: string): number => collator.compare(a, b);
