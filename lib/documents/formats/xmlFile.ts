import { decodeText } from '../decode';
import { EmbeddedFiles } from './embedded';
import type { Parse } from './parse';
import type { DocumentWriter } from './writer';
import { elementsOf, loadXmlReader, textIn, type XmlElement } from './xml';

/** Attributes that say nothing to people: names of schemas. */
const TECHNICAL = /^(?:xmlns|xsi|xml)(?::|$)|schemaLocation$/i;

/**
 * The parser of XML files. A text with marks in it (DocBook, TEI) becomes paragraphs; data becomes `name: value` lines, each
 * entry a record.
 */
export async function loadXml(): Promise<Parse> {
	const readXml = await loadXmlReader();
	return async ({ bytes, readNested }, writer) => {
		const { text, warnings } = await decodeText(bytes, 'xml');
		for (const warning of warnings ?? []) writer.warn(warning);
		const root = readXml(text, {
			onUnclosed: (name) =>
				writer.warn(
					`The XML is damaged: its element "${name.slice(0, 100)}" is not closed. What could be read was stored.`,
				),
		});
		const [top] = elementsOf(root);
		if (!top) return;
		if (hasMarkedText(top)) writeText(top, writer);
		else {
			const files = new EmbeddedFiles();
			writeData(top, writer, files);
			await files.read(readNested, writer);
		}
	};
}

const isBlank = (child: XmlElement | string): boolean => typeof child === 'string' && child.trim() === '';

const isMixed = ({ children }: XmlElement): boolean =>
	children.some((child) => typeof child !== 'string') &&
	children.some((child) => typeof child === 'string' && !isBlank(child));

const hasMarkedText = (element: XmlElement): boolean =>
	isMixed(element) || elementsOf(element).some(hasMarkedText);

function writeText(element: XmlElement, writer: DocumentWriter): void {
	const inner = elementsOf(element);
	if (isMixed(element) || inner.length === 0) {
		const text = textIn(element).replace(/\s+/g, ' ').trim();
		if (/^(?:title|head|heading|h\d)$/i.test(element.name)) writer.heading(2, text);
		else writer.paragraph(text);
	} else for (const child of inner) writeText(child, writer);
}

/** Descends to where entries begin: elements that are repeated, or have values of their own. */
function writeData(element: XmlElement, writer: DocumentWriter, files: EmbeddedFiles): void {
	const inner = elementsOf(element);
	const [only] = inner;
	if (inner.length === 1 && only && elementsOf(only).length > 0) {
		writer.record(attributesOf(element, element.name));
		writeData(only, writer, files);
		return;
	}
	const isList =
		inner.length > 1 &&
		inner.every((child) => elementsOf(child).length > 0 || Object.keys(child.attributes).length > 0);
	if (!isList) {
		writer.record(linesOf(element, '', files));
		return;
	}
	writer.record(attributesOf(element, element.name));
	inner.forEach((child, at) => {
		writer.place('record', at + 1);
		writer.record(linesOf(child, child.name, files));
	});
}

type Line = readonly [name: string, value: string];

/** @param path of the element itself; empty for the top of the file, which says nothing */
function linesOf(element: XmlElement, path: string, files: EmbeddedFiles): Line[] {
	const inner = elementsOf(element);
	const own = attributesOf(element, path);
	if (inner.length === 0) {
		const name = path || element.name;
		const text = textIn(element).replace(/\s+/g, ' ').trim();
		return files.take(name, text) ? own : [...own, [name, text]];
	}
	return [
		...own,
		...inner.flatMap((child) => linesOf(child, path === '' ? child.name : `${path}.${child.name}`, files)),
	];
}

function attributesOf({ attributes }: XmlElement, path: string): Line[] {
	return Object.entries(attributes)
		.filter(([name]) => !TECHNICAL.test(name))
		.map(([name, value]) => [path === '' ? name : `${path} ${name}`, value]);
}
