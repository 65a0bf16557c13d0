import type { getDocumentProxy as Open } from 'unpdf';
import { DocumentError } from '../errors';
import type { Parse } from './parse';
import type { DocumentWriter } from './writer';

/** The parser of PDF files. */
export async function loadPdf(): Promise<Parse> {
	const { getDocumentProxy, getResolvedPDFJS } = await import('unpdf');
	await getResolvedPDFJS();
	return async ({ bytes }, writer) => await readPdf(getDocumentProxy, bytes, writer);
}

/** The pages' text, with an empty line where the gap between two lines is that of a paragraph. */
async function readPdf(
	getDocumentProxy: typeof Open,
	data: Uint8Array,
	writer: DocumentWriter,
): Promise<void> {
	const pdf = await getDocumentProxy(data, { verbosity: 0 }).catch((error: unknown) => {
		if (error instanceof Error && error.name === 'PasswordException') {
			throw new DocumentError('unreadable', 'The PDF is protected by a password. Save it without one.');
		}
		throw error;
	});
	for (let number = 1; number <= pdf.numPages; number++) {
		const page = await pdf.getPage(number);
		const { items } = await page.getTextContent();
		writer.place('page', number);
		writer.paragraph(linesOf(items));
		page.cleanup();
	}
	if (writer.size === 0) {
		throw new DocumentError(
			'unreadable',
			'The PDF contains no text, only pictures of it. Run text recognition (OCR) over it first.',
		);
	}
	const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
	if ('Title' in info && typeof info.Title === 'string') writer.setTitle(info.Title);
	writer.setFact('pages', pdf.numPages);
}

function linesOf(items: ReadonlyArray<object>): string {
	let text = '';
	let baseline: number | undefined;
	for (const item of items) {
		if (!('str' in item) || typeof item.str !== 'string') continue;
		const transform: readonly unknown[] =
			'transform' in item && Array.isArray(item.transform) ? item.transform : [];
		const [y, height]: unknown[] = [transform[5], 'height' in item ? item.height : 0];
		if (typeof y === 'number' && typeof height === 'number' && height > 0 && item.str.trim() !== '') {
			// Lines of a paragraph are 1–1.5 heights apart.
			if (baseline !== undefined && text.endsWith('\n') && baseline - y > 1.8 * height) text += '\n';
			baseline = y;
		}
		text += item.str;
		if ('hasEOL' in item && item.hasEOL === true) text += '\n';
	}
	return text.trim();
}
