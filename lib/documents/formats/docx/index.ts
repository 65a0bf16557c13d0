import { DocumentError } from '../../errors';
import { writeDrawing } from '../ooxml/drawings';
import { OfficePackage } from '../ooxml/package';
import type { Parse } from '../parse';
import type { DocumentWriter } from '../writer';
import { attributeOf, childrenOf, loadXmlReader, type XmlElement } from '../xml';
import { openZip } from '../zipParts';
import { DocxBody } from './body';
import { Numbering } from './numbering';
import { Styles } from './styles';

/** The parser of Word files: DOCX, DOCM, DOTX. */
export async function loadDocx(): Promise<Parse> {
	const readXml = await loadXmlReader();
	return ({ bytes }, writer) => readDocx(new OfficePackage(openZip(bytes), readXml), writer);
}

function readDocx(file: OfficePackage, writer: DocumentWriter): void {
	const main = file.mainPart() ?? 'word/document.xml';
	const document = file.text(main);
	if (document === undefined) {
		throw new DocumentError(
			'unreadable',
			'The Word file has no document in it. Open it in Word and save it again.',
		);
	}
	const part = (type: string): XmlElement | undefined =>
		file.targets(main, type).map((name) => file.xml(name))[0];
	const styles = new Styles(part('styles'));
	const body = new DocxBody(
		writer,
		styles,
		new Numbering(part('numbering'), (style) => styles.listOfStyle(style)),
		(drawing) => writeDrawing(file, main, drawing, writer),
	);
	file.writeProperties(writer);
	for (const text of marginTexts(file, main, 'header')) writer.note(`Header: ${text}`);
	// One paragraph or table at a time, so that a long document is never in memory as a whole.
	file.readXml(document, {
		take: (element, [, , { name: above } = { name: '' }, ...deeper]) => {
			if (above !== 'body' || deeper.length > 0) return false;
			body.write(element);
			return true;
		},
	});
	const byId = (kind: string): ReadonlyMap<string | undefined, XmlElement> =>
		new Map(childrenOf(part(`${kind}s`), kind).map((note) => [attributeOf(note, 'id'), note]));
	const notes = { footnote: byId('footnote'), endnote: byId('endnote') };
	for (const { kind, id, label } of body.notes) {
		const note = notes[kind].get(id);
		if (note) writer.note(`${label} ${body.plainText(note)}`);
	}
	writeComments(part('comments'), body, writer);
	for (const text of marginTexts(file, main, 'footer')) writer.note(`Footer: ${text}`);
}

function writeComments(comments: XmlElement | undefined, body: DocxBody, writer: DocumentWriter): void {
	for (const comment of childrenOf(comments, 'comment')) {
		if (!body.comments.has(attributeOf(comment, 'id') ?? '')) continue;
		const author = attributeOf(comment, 'author');
		const text = body.plainText(comment);
		if (text !== '') writer.note(`Comment${author ? ` (${author})` : ''}: ${text}`);
	}
}

/** The different texts of headers or footers; page numbers alone say nothing. */
function marginTexts(file: OfficePackage, main: string, kind: 'header' | 'footer'): Set<string> {
	const texts = file.targets(main, kind).flatMap((name) => {
		const root = file.xml(name);
		if (!root) return [];
		const scratch = new DocxBody(undefined, new Styles(undefined), new Numbering(undefined, () => undefined));
		const text = scratch.plainText(root);
		return /\p{L}{2}/u.test(text.replace(/\b(?:page|seite|página|pagina|of|von|de|di|sur)\b/giu, ''))
			? [text]
			: [];
	});
	return new Set(texts);
}
