import { readHtml } from '../html';
import type { Parsed } from './parsed';

/** The parser of DOCX files: by way of HTML, so that headings, lists and tables are kept. */
export async function loadDocx(): Promise<(data: Uint8Array, textLength: number) => Promise<Parsed>> {
	const mammoth = await import('mammoth');
	return async (data, textLength) => {
		const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
		const noPicture = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
		const { value } = await mammoth.convertToHtml({ buffer }, { convertImage: noPicture });
		return await readHtml({ text: value }, textLength);
	};
}
