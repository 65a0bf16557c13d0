import { equationText } from '../ooxml/math';
import { isOn } from '../ooxml/package';
import { raisedText } from '../raised';
import { symbolOf } from '../symbols';
import { attributeOf, childOf, elementsOf, textIn, type XmlElement } from '../xml';

/** What the text of a paragraph refers to. */
export interface References {
	/** Returns how the reference is printed; remembers that the note is wanted. */
	note(kind: 'footnote' | 'endnote', id: string): string;
	comment(id: string): void;
	/** Paragraphs of a text box that hangs on the paragraph. */
	box(content: XmlElement): void;
	/** A chart or diagram that stands in the paragraph. */
	drawing(content: XmlElement): void;
}

/** Elements whose text was deleted, or is not seen. */
const GONE = new Set([
	'del',
	'moveFrom',
	'instrText',
	'delText',
	'delInstrText',
	'Fallback',
	'pPr',
	'rPr',
	'sectPr',
	'sdtPr',
	'ruby',
]);
/** The text of a paragraph or of what is in it, as it is read when all changes are accepted. */
export function runText(element: XmlElement, references: References): string {
	const parts: string[] = [];
	/** The end of what was found so far. */
	let last = '';
	const add = (text: string): void => {
		if (text === '') return;
		parts.push(text);
		last = text.slice(-2);
	};
	const visit = (node: XmlElement): void => {
		if (GONE.has(node.name)) return;
		switch (node.name) {
			case 'r':
				add(textOfRun(last, node, references));
				return;
			case 'oMath':
				add(equationText(node));
				return;
			case 'txbxContent':
				references.box(node);
				return;
			case 'graphicData':
				references.drawing(node);
				break;
			case 'commentReference':
				references.comment(attributeOf(node, 'id') ?? '');
				return;
			default:
				break;
		}
		for (const child of elementsOf(node)) visit(child);
	};
	for (const child of elementsOf(element)) visit(child);
	return parts.join('');
}

function textOfRun(before: string, run: XmlElement, references: References): string {
	const properties = childOf(run, 'rPr');
	if (
		isOn(childOf(properties, 'vanish')) ||
		isOn(childOf(properties, 'strike')) ||
		isOn(childOf(properties, 'dstrike'))
	)
		return '';
	const text = elementsOf(run)
		.map((child) => partText(child, references))
		.join('');
	const position = childOf(properties, 'vertAlign');
	const isRaised = position !== undefined && attributeOf(position, 'val') === 'superscript';
	return isRaised && !text.startsWith('[') ? raisedText(before, text) : text;
}

function partText(part: XmlElement, references: References): string {
	switch (part.name) {
		case 't':
			return textIn(part);
		case 'tab':
		case 'ptab':
			return '\t';
		case 'br':
		case 'cr':
			return '\n';
		case 'noBreakHyphen':
			return '-';
		case 'sym':
			return symbolOf(Number.parseInt(attributeOf(part, 'char') ?? '', 16));
		case 'footnoteReference':
			return references.note('footnote', attributeOf(part, 'id') ?? '');
		case 'endnoteReference':
			return references.note('endnote', attributeOf(part, 'id') ?? '');
		case 'rPr':
			return '';
		case 'ruby':
			return elementsOf(part)
				.filter(({ name }) => name === 'rubyBase')
				.map((base) => runText(base, references))
				.join('');
		default:
			return runText({ ...part, children: [part] }, references);
	}
}
