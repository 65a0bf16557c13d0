import { formatCount } from '../../../support';
import { decodeText } from '../../decode';
import { DocumentError } from '../../errors';
import type { Parse } from '../parse';
import type { DocumentWriter } from '../writer';
import { HtmlReader } from './reader';

/** Elements open at once. htmlparser2 moves all of them for each new one, so that deep pages take time by the square. */
const MAX_DEPTH = 20_000;
/** Characters given to the parser at once: so often the depth is looked at. */
const STEP = 1 << 13;

/** Reads the text of an HTML page into the writer: headings, paragraphs, list items, tables and code. */
export type ReadHtml = (page: string, writer: DocumentWriter) => void;

export async function loadHtmlReader(): Promise<ReadHtml> {
	const { Parser } = await import('htmlparser2');
	return (page, writer) => {
		const reader = new HtmlReader(writer);
		let depth = 0;
		let deepest = 0;
		const parser = new Parser(
			{
				onopentag: (name, attributes) => {
					deepest = Math.max(deepest, ++depth);
					reader.open(name, attributes);
				},
				onclosetag: (name, implied) => {
					depth--;
					reader.close(name, implied);
				},
				ontext: (text) => reader.text(text),
			},
			{ decodeEntities: true, lowerCaseTags: true },
		);
		for (let at = 0; at < page.length; at += STEP) {
			parser.write(page.slice(at, at + STEP));
			if (deepest > MAX_DEPTH) {
				throw new DocumentError(
					'tooLarge',
					`The page has more than ${formatCount(MAX_DEPTH)} elements open at once; its tags are not closed. Repair it, or send its text.`,
				);
			}
		}
		parser.end();
		reader.end();
		writer.setTitle(reader.title);
	};
}

/** The parser of HTML files. */
export async function loadHtml(): Promise<Parse> {
	const readHtml = await loadHtmlReader();
	return async ({ bytes }, writer) => {
		const { text, warnings } = await decodeText(bytes, 'html');
		for (const warning of warnings ?? []) writer.warn(warning);
		readHtml(text, writer);
	};
}
