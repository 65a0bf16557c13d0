import type { DocumentWriter } from '../writer';
import { attributeOf, descendantsOf, textIn, type XmlElement } from '../xml';
import { chartLines } from './charts';
import type { OfficePackage } from './package';
import { paragraphText } from './paragraphs';

/** Writes what the charts and diagrams of a drawing say. @param part in which the drawing stands */
export function writeDrawing(
	file: OfficePackage,
	part: string,
	drawing: XmlElement,
	writer: DocumentWriter,
): void {
	const partOf = (element: XmlElement, id: string): XmlElement | undefined => {
		const name = file.target(part, attributeOf(element, id));
		return name === undefined ? undefined : file.xml(name);
	};
	for (const chart of descendantsOf(drawing, 'chart')) {
		const root = partOf(chart, 'id');
		if (root) writer.paragraph(chartLines(root).join('\n'));
	}
	for (const diagram of descendantsOf(drawing, 'relIds')) {
		const root = partOf(diagram, 'dm');
		const lines = root ? descendantsOf(root, 't').filter(({ name }) => name === 't') : [];
		for (const line of lines) {
			const text = descendantsOf(line, 'p').map(paragraphText).join(' ').trim() || textIn(line).trim();
			writer.listItem(text);
		}
	}
}
