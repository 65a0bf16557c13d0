import { DocumentError } from '../../errors';
import type { Parse } from '../parse';
import { pagesAre } from '../pageNumbers';
import { orientationOf } from './exif';
import { writeRecognised } from './page';
import { loadOcr } from './tesseract';
import { isTiff, tiffCopies } from './tiff';

/** The parser of pictures of pages: PNG, JPEG, WebP, and TIFF of many pages. */
export async function loadPicture(): Promise<Parse> {
	const recognise = await loadOcr();
	return ({ bytes, pageDone, keptPages }, writer) => {
		const found = { unread: [] as number[], unsure: [] as number[] };
		let count = 0;
		for (const page of isTiff(bytes) ? tiffCopies(bytes) : [bytes]) {
			writer.place('page', ++count);
			const state = writeRecognised(keptPages.recognised(recognise, page, orientationOf(page)), writer);
			if (state !== 'read') found[state].push(count);
			pageDone();
		}
		if (writer.size === 0) {
			throw new DocumentError(
				'unreadable',
				'No text was recognised in the picture. Scan it again with at least 200 dpi, upright and in focus.',
			);
		}
		writer.setFact('pages', count);
		if (found.unread.length > 0)
			writer.warn(`${pagesAre(found.unread, 'has', 'have')} no text that could be recognised.`);
		if (found.unsure.length > 0) {
			writer.warn(
				`${pagesAre(found.unsure, 'is', 'are')} hard to read: some words may be wrong. Scan again with at least 200 dpi.`,
			);
		}
	};
}
