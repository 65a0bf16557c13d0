import { decodeText } from '../../decode';
import { DocumentError } from '../../errors';
import type { Parse } from '../parse';
import type { DocumentWriter } from '../writer';
import {
	attributeOf,
	childOf,
	childrenOf,
	descendantsOf,
	elementsOf,
	loadXmlReader,
	textIn,
	type ReadXml,
	type XmlElement,
} from '../xml';
import { openZip, type ZipParts } from '../zipParts';
import { OdfBody } from './body';
import { OdfStyles } from './styles';

/** The parser of OpenDocument letters and presentations (ODT, ODP) and their templates. */
export async function loadOpenDocument(): Promise<Parse> {
	const readXml = await loadXmlReader();
	return async ({ bytes }, writer) => {
		if (bytes[0] === 0x50) readOpenDocument(openZip(bytes), readXml, writer);
		else writeContent((await decodeText(bytes, 'xml')).text, undefined, () => undefined, { readXml, writer });
	};
}

function readOpenDocument(zip: ZipParts, readXml: ReadXml, writer: DocumentWriter): void {
	const xml = (name: string): XmlElement | undefined => {
		const text = zip.text(name);
		return text === undefined ? undefined : elementsOf(readXml(text))[0];
	};
	const manifest = xml('META-INF/manifest.xml');
	if (manifest && descendantsOf(manifest, 'encryption-data').length > 0) {
		throw new DocumentError(
			'unreadable',
			'The file is protected by a password. Open it, save it without one (Save As, turn off "Save with password") and send it again.',
		);
	}
	const content = zip.text('content.xml');
	if (content === undefined) {
		throw new DocumentError(
			'unreadable',
			'The OpenDocument file has no content in it. Open it in LibreOffice and save it again.',
		);
	}
	writeProperties(xml('meta.xml'), writer);
	const object = (name: string): XmlElement | undefined => xml(`${name}/content.xml`);
	writeContent(content, xml('styles.xml'), object, { readXml, writer });
}

/** @param common the styles that stand in a part of their own; a file of a single part (FODT, FODP) has them within */
function writeContent(
	content: string,
	common: XmlElement | undefined,
	object: (name: string) => XmlElement | undefined,
	{ readXml, writer }: { readonly readXml: ReadXml; readonly writer: DocumentWriter },
): void {
	let body: OdfBody | undefined;
	let slides = 0;
	readXml(content, {
		take: (element, [, file, , part, ...deeper]) => {
			if (part === undefined || deeper.length > 0 || (part.name !== 'text' && part.name !== 'presentation'))
				return false;
			// Styles stand before the text.
			if (!body) {
				const groups = [common, file].flatMap((each) => [
					childOf(each, 'styles'),
					childOf(each, 'automatic-styles'),
				]);
				body = new OdfBody(writer, new OdfStyles(groups), object);
				writeProperties(file, writer);
				if (part.name === 'text') writeMargins([common, file], body, writer);
			}
			if (element.name === 'page') writeSlide(element, ++slides, body, writer);
			else body.write(element);
			return true;
		},
	});
	body?.writeNotes();
	if (slides > 0) writer.setFact('slides', slides);
}

/** The different headers and footers of a letter's pages; page numbers alone say nothing. */
function writeMargins(
	parts: ReadonlyArray<XmlElement | undefined>,
	body: OdfBody,
	writer: DocumentWriter,
): void {
	const pages = parts.flatMap((part) => childrenOf(childOf(part, 'master-styles'), 'master-page'));
	for (const [element, label] of [
		['header', 'Header'],
		['footer', 'Footer'],
	] as const) {
		const texts = pages.flatMap((page) => childrenOf(page, element).map((each) => body.plainText(each)));
		for (const text of new Set(texts)) if (/\p{L}{3}/u.test(text)) writer.note(`${label}: ${text}`);
	}
}

function writeSlide(page: XmlElement, number: number, body: OdfBody, writer: DocumentWriter): void {
	writer.place('slide', number);
	for (const child of elementsOf(page)) {
		if (attributeOf(child, 'class') === 'title') writer.heading(1, body.plainText(child).replace(/\n/g, ' '));
		else if (child.name !== 'notes') body.write(child);
	}
	body.writeNotes();
	for (const notes of childrenOf(page, 'notes')) {
		const text = body.plainText(notes);
		if (text !== '') writer.note(`Notes: ${text}`);
	}
}

function writeProperties(meta: XmlElement | undefined, writer: DocumentWriter): void {
	const about = childOf(meta, 'meta');
	const value = (name: string): string | undefined => {
		const element = childOf(about, name);
		return element && textIn(element).trim();
	};
	writer.setTitle(value('title'));
	writer.setFact('author', value('initial-creator') ?? value('creator'));
	writer.setFact('created', value('creation-date')?.slice(0, 10));
	writer.setFact('modified', value('date')?.slice(0, 10));
}
