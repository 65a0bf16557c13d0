import { writeDrawing } from '../ooxml/drawings';
import { OfficePackage } from '../ooxml/package';
import { paragraphsOf, paragraphText } from '../ooxml/paragraphs';
import type { DocumentWriter } from '../writer';
import { attributeOf, childOf, childrenOf, descendantsOf, type ReadXml, type XmlElement } from '../xml';
import { openZip } from '../zipParts';

/** What stands over the cells of a sheet: text boxes, shapes with words, charts, diagrams. */
export interface SheetDrawings {
	has(sheet: string): boolean;
	write(sheet: string, writer: DocumentWriter): void;
}

const NONE: SheetDrawings = { has: () => false, write: () => undefined };

/** Finds the drawings of a workbook of Excel 2007 and later; other formats have none that can be read. */
export function openDrawings(bytes: Uint8Array, readXml: ReadXml): SheetDrawings {
	if (bytes[0] !== 0x50) return NONE;
	const file = new OfficePackage(openZip(bytes), readXml);
	const main = file.mainPart();
	if (main?.toLowerCase().endsWith('.xml') !== true) return NONE;
	const found = new Map<string, Array<{ part: string; drawing: XmlElement }>>();
	for (const sheet of childrenOf(childOf(file.xml(main), 'sheets'), 'sheet')) {
		// `sheetId` is the sheet's own number; the relationship is the one with a prefix.
		const [, id] = Object.entries(sheet.attributes).find(([name]) => name.endsWith(':id')) ?? [];
		const part = file.target(main, id);
		const drawings = (part === undefined ? [] : file.targets(part, 'drawing')).flatMap((name) => {
			const drawing = file.xml(name);
			return drawing && saysSomething(drawing) ? [{ part: name, drawing }] : [];
		});
		if (drawings.length > 0) found.set(attributeOf(sheet, 'name') ?? '', drawings);
	}
	return {
		has: (sheet) => found.has(sheet),
		write: (sheet, writer) => {
			for (const { part, drawing } of found.get(sheet) ?? []) {
				for (const shape of descendantsOf(drawing, 'sp'))
					writer.note(paragraphsOf(shape).map(paragraphText).join('\n'));
				writeDrawing(file, part, drawing, writer);
			}
		},
	};
}

const saysSomething = (drawing: XmlElement): boolean =>
	['txBody', 'chart', 'relIds'].some((name) => descendantsOf(drawing, name).length > 0);
