import { posix } from 'node:path';
import { DocumentError } from '../errors';
import { loadHtmlReader } from './html';
import type { Parse } from './parse';
import {
	attributeOf,
	childOf,
	childrenOf,
	descendantsOf,
	elementsOf,
	loadXmlReader,
	textIn,
	type XmlElement,
} from './xml';
import { openZip } from './zipParts';

/** The parser of books (EPUB): their chapters in the order in which they are read. */
export async function loadEpub(): Promise<Parse> {
	const [readXml, readHtml] = await Promise.all([loadXmlReader(), loadHtmlReader()]);
	return ({ bytes }, writer) => {
		const zip = openZip(bytes);
		const xml = (name: string): XmlElement | undefined => {
			const text = zip.text(name);
			return text === undefined ? undefined : elementsOf(readXml(text, { onUnclosed: () => undefined }))[0];
		};
		if (zip.names.includes('META-INF/encryption.xml') && zip.names.includes('META-INF/rights.xml')) {
			throw new DocumentError(
				'unreadable',
				'The book is protected against copying (DRM), so that it cannot be read. Ask its publisher for a file without protection.',
			);
		}
		const container = xml('META-INF/container.xml');
		const [rootFile] = container ? descendantsOf(container, 'rootfile') : [];
		const path =
			(rootFile && attributeOf(rootFile, 'full-path')) ?? zip.names.find((name) => name.endsWith('.opf'));
		const book = path === undefined ? undefined : xml(path);
		if (path === undefined || !book) {
			throw new DocumentError(
				'unreadable',
				'The book has no table of its parts. Convert it to EPUB again, or to PDF.',
			);
		}
		const about = childOf(book, 'metadata');
		const value = (name: string): string | undefined => {
			const element = about && descendantsOf(about, name)[0];
			return element && textIn(element).trim();
		};
		writer.setTitle(value('title'));
		writer.setFact('author', value('creator'));
		writer.setFact('language', value('language'));
		const items = new Map(
			childrenOf(childOf(book, 'manifest'), 'item').map((item) => [
				attributeOf(item, 'id') ?? '',
				attributeOf(item, 'href') ?? '',
			]),
		);
		for (const reference of childrenOf(childOf(book, 'spine'), 'itemref')) {
			const href = items.get(attributeOf(reference, 'idref') ?? '');
			const chapter =
				href === undefined ? undefined : zip.text(posix.join(posix.dirname(path), decoded(href)));
			if (chapter !== undefined) readHtml(chapter, writer);
		}
	};
}

function decoded(href: string): string {
	try {
		return decodeURIComponent(href);
	} catch {
		return href;
	}
}
