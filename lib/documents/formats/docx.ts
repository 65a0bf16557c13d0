import { loadHtmlReader } from './html';
import type { Parse } from './parse';

/** The parser of DOCX files: by way of HTML, so that headings, lists and tables are kept. */
export async function loadDocx(): Promise<Parse> {
	const [mammoth, readHtml] = await Promise.all([import('mammoth'), loadHtmlReader()]);
	return async ({ bytes }, writer) => {
		const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const noPicture = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
		const { value } = await mammoth.convertToHtml({ buffer }, { convertImage: noPicture });
		readHtml(value, writer);
	};
}
