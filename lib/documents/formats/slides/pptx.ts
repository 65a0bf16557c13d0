import { DocumentError } from '../../errors';
import type { Table, TableCell } from '../../types';
import { writeDrawing } from '../ooxml/drawings';
import { OfficePackage } from '../ooxml/package';
import { paragraphsOf, paragraphText } from '../ooxml/paragraphs';
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
	type XmlElement,
} from '../xml';
import { openZip } from '../zipParts';

/** The parser of PowerPoint files: PPTX, PPTM, PPSX, POTX. */
export async function loadPptx(): Promise<Parse> {
	const readXml = await loadXmlReader();
	return ({ bytes }, writer) => {
		const file = new OfficePackage(openZip(bytes), readXml);
		const main = file.mainPart() ?? 'ppt/presentation.xml';
		const presentation = file.xml(main);
		if (!presentation) {
			throw new DocumentError(
				'unreadable',
				'The PowerPoint file has no presentation in it. Open it in PowerPoint and save it again.',
			);
		}
		file.writeProperties(writer);
		const slides = childrenOf(childOf(presentation, 'sldIdLst'), 'sldId');
		slides.forEach((slide, at) => {
			// `id` is the slide's own number; the relationship is the one with a prefix.
			const [, relation] = Object.entries(slide.attributes).find(([name]) => name.endsWith(':id')) ?? [];
			const part = file.target(main, relation);
			if (part === undefined) return;
			writer.place('slide', at + 1);
			writeSlide(file, part, writer);
		});
		writer.setFact('slides', slides.length);
	};
}

function writeSlide(file: OfficePackage, part: string, writer: DocumentWriter): void {
	const slide = file.xml(part);
	const shapes = childOf(childOf(slide, 'cSld'), 'spTree');
	if (shapes) for (const shape of elementsOf(shapes)) writeShape(file, part, shape, writer);
	for (const name of file.targets(part, 'notesSlide')) {
		const tree = childOf(childOf(file.xml(name), 'cSld'), 'spTree');
		const text = (tree ? childrenOf(tree, 'sp') : [])
			.filter((shape) => placeholderOf(shape) === 'body')
			.flatMap((shape) => paragraphsOf(shape).map(paragraphText))
			.filter((line) => line.trim() !== '')
			.join('\n');
		if (text !== '') writer.note(`Notes: ${text}`);
	}
	for (const name of file.targets(part, 'comments')) {
		const comments = file.xml(name);
		for (const comment of comments
			? [...descendantsOf(comments, 'text'), ...descendantsOf(comments, 'txBody')]
			: [])
			writer.note(`Comment: ${textIn(comment).trim()}`);
	}
}

/** Placeholders that every slide repeats. */
const REPEATED = new Set(['sldNum', 'dt', 'sldImg', 'hdr']);

function writeShape(file: OfficePackage, part: string, shape: XmlElement, writer: DocumentWriter): void {
	switch (shape.name) {
		case 'grpSp':
			for (const child of elementsOf(shape)) writeShape(file, part, child, writer);
			return;
		case 'AlternateContent':
			for (const child of childrenOf(shape, 'Choice').flatMap(elementsOf))
				writeShape(file, part, child, writer);
			return;
		case 'graphicFrame':
			writeFrame(file, part, shape, writer);
			return;
		case 'sp':
		case 'cxnSp':
			writeText(shape, writer);
	}
}

function writeText(shape: XmlElement, writer: DocumentWriter): void {
	const placeholder = placeholderOf(shape);
	if (placeholder !== undefined && REPEATED.has(placeholder)) return;
	const paragraphs = paragraphsOf(shape);
	if (placeholder === 'title' || placeholder === 'ctrTitle') {
		writer.heading(1, paragraphs.map(paragraphText).join(' '));
		return;
	}
	const isList = placeholder === 'body' || placeholder === 'obj';
	paragraphs.forEach((paragraph) => {
		const text = paragraphText(paragraph).trim();
		const properties = childOf(paragraph, 'pPr');
		const depth = Number((properties && attributeOf(properties, 'lvl')) ?? 0) + 1;
		const hasBullet = childOf(properties, 'buChar') ?? childOf(properties, 'buAutoNum');
		const isPlain = childOf(properties, 'buNone') !== undefined;
		if ((isList || hasBullet) && !isPlain && paragraphs.length > 1) writer.listItem(text, '-', depth);
		else writer.paragraph(text);
	});
}

function writeFrame(file: OfficePackage, part: string, frame: XmlElement, writer: DocumentWriter): void {
	for (const table of descendantsOf(frame, 'tbl')) writer.table(tableOf(table));
	writeDrawing(file, part, frame, writer);
}

function tableOf(table: XmlElement): Table {
	const properties = childOf(table, 'tblPr');
	const hasHeader = properties && attributeOf(properties, 'firstRow') === '1';
	return childrenOf(table, 'tr').map((row, at) =>
		childrenOf(row, 'tc').flatMap((cell): TableCell[] => {
			const isCovered = (name: string): boolean => attributeOf(cell, name) === '1';
			if (isCovered('hMerge') || isCovered('vMerge')) return [];
			const span = (name: string): number => Math.max(1, Number(attributeOf(cell, name) ?? 1) || 1);
			const text = childrenOf(childOf(cell, 'txBody'), 'p').map(paragraphText).join(' ');
			return [
				{
					text,
					columns: span('gridSpan'),
					rows: span('rowSpan'),
					...(hasHeader && at === 0 ? { isHeader: true } : {}),
				},
			];
		}),
	);
}

function placeholderOf(shape: XmlElement): string | undefined {
	const [own] = elementsOf(shape).filter(({ name }) => name.startsWith('nv'));
	const placeholder = childOf(childOf(own, 'nvPr'), 'ph');
	return placeholder && (attributeOf(placeholder, 'type') ?? 'obj');
}
