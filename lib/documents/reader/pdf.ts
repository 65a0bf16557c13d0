import type { getDocumentProxy as Open } from 'unpdf';
import { Paragraphs, Refusal, type Parsed } from './parsed';

/** The parser of PDF files. */
export async function loadPdf(): Promise<(data: Uint8Array, textLength: number) => Promise<Parsed>> {
	const { getDocumentProxy, getResolvedPDFJS } = await import('unpdf');
	await getResolvedPDFJS();
	return async (data, textLength) => await readPdf(getDocumentProxy, data, textLength);
}

/** The pages' text, with an empty line where the gap between two lines is that of a paragraph. */
async function readPdf(getDocumentProxy: typeof Open, data: Uint8Array, textLength: number): Promise<Parsed> {
	const pdf = await getDocumentProxy(data, { verbosity: 0 }).catch((error: unknown) => {
		if (error instanceof Error && error.name === 'PasswordException') {
			throw new Refusal('The PDF is protected by a password. Save it without one.');
		}
		throw error;
	});
	const pages = new Paragraphs(textLength);
	let characters = 0;
	for (let number = 1; number <= pdf.numPages; number++) {
		const page = await pdf.getPage(number);
		const { items } = await page.getTextContent();
		const text = linesOf(items);
		characters += text.trim().length;
		pages.add(text);
		page.cleanup();
	}
	if (characters === 0) {
		throw new Refusal(
			'The PDF contains no text, only pictures of it. Run text recognition (OCR) over it first.',
		);
	}
	const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
	const title = 'Title' in info && typeof info.Title === 'string' ? info.Title.trim() : '';
	return {
		text: pages.text,
		metadata: { pages: pdf.numPages },
		locations: { field: 'page', starts: pages.starts },
		...(title === '' ? {} : { title }),
	};
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
