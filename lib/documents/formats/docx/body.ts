import type { Table, TableCell } from '../../types';
import { isOn } from '../ooxml/package';
import type { DocumentWriter } from '../writer';
import { attributeOf, childOf, elementsOf, type XmlElement } from '../xml';
import type { Numbering } from './numbering';
import { runText, type References } from './runs';
import type { Styles } from './styles';

interface Note {
	readonly kind: 'footnote' | 'endnote';
	readonly id: string;
	/** As printed: `[1]`. */
	readonly label: string;
}

/** Elements that only hold others: content controls, inserted text, custom XML. */
const TRANSPARENT = new Set([
	'sdt',
	'sdtContent',
	'ins',
	'moveTo',
	'customXml',
	'smartTag',
	'AlternateContent',
	'Choice',
]);

/** Writes the paragraphs and tables of a Word document. */
export class DocxBody {
	/** Notes that the text refers to, in their order. */
	readonly notes: Note[] = [];
	private readonly noteCounts = { footnote: 0, endnote: 0 };
	readonly comments = new Set<string>();
	private boxes: XmlElement[] = [];
	private drawings: XmlElement[] = [];
	private readonly references: References = {
		note: (kind, id) => {
			const label = `[${kind === 'endnote' ? 'e' : ''}${++this.noteCounts[kind]}]`;
			this.notes.push({ kind, id, label });
			return ` ${label}`;
		},
		comment: (id) => this.comments.add(id),
		box: (content) => this.boxes.push(content),
		drawing: (content) => this.drawings.push(content),
	};

	/**
	 * @param writer where there is none only texts are asked for
	 * @param draw writes what a chart or diagram says
	 */
	constructor(
		private readonly writer: DocumentWriter | undefined,
		private readonly styles: Styles,
		private readonly numbering: Numbering,
		private readonly draw: (drawing: XmlElement) => void = () => undefined,
	) {}

	/** An element of the body: a paragraph, a table, or what holds some. */
	write(element: XmlElement): void {
		if (element.name === 'p') this.writeParagraph(element);
		else if (element.name === 'tbl') this.writeTable(element);
		else if (TRANSPARENT.has(element.name)) for (const child of elementsOf(element)) this.write(child);
		else if (element.name === 'oMathPara') this.writer?.paragraph(runText(element, this.references));
	}

	/** All text below an element, in one line per paragraph. */
	plainText(element: XmlElement): string {
		const lines = this.linesOf(element);
		return lines.filter((line) => line !== '').join('\n');
	}

	private linesOf(element: XmlElement): string[] {
		return elementsOf(element).flatMap((child) => {
			if (child.name === 'p') return [this.markedText(child).trim(), ...this.takeBoxes()];
			if (child.name === 'tbl') {
				return tableRows(child).map((row) =>
					cellsOf(row)
						.map((cell) => this.plainText(cell).replace(/\n/g, ' '))
						.join(' | '),
				);
			}
			return TRANSPARENT.has(child.name) ? this.linesOf(child) : [];
		});
	}

	private takeBoxes(): string[] {
		const boxes = this.boxes;
		this.boxes = [];
		return boxes.map((box) => this.plainText(box));
	}

	private writeParagraph(paragraph: XmlElement): void {
		const properties = childOf(paragraph, 'pPr');
		const place = this.styles.listOf(properties);
		const text = runText(paragraph, this.references).trim();
		const level = this.styles.headingLevel(properties);
		// Word counts empty paragraphs of a list too, and prints their numbers.
		const marker =
			place && (text !== '' || this.isPrinted(paragraph))
				? this.numbering.next(place.list, place.depth)
				: undefined;
		if (level !== undefined)
			this.writer?.heading(level, marker && marker !== '-' ? `${marker} ${text}` : text);
		else if (marker !== undefined && marker !== '')
			this.writer?.listItem(text, marker, (place?.depth ?? 0) + 1);
		else this.writer?.paragraph(text);
		const boxes = this.boxes;
		this.boxes = [];
		for (const box of boxes) for (const child of elementsOf(box)) this.write(child);
		this.writeDrawings();
	}

	private writeDrawings(): void {
		const drawings = this.drawings;
		this.drawings = [];
		for (const drawing of drawings) this.draw(drawing);
	}

	/** Whether an empty paragraph stays when all changes are accepted: not where its mark was deleted. */
	private isPrinted(paragraph: XmlElement): boolean {
		return childOf(childOf(childOf(paragraph, 'pPr'), 'rPr'), 'del') === undefined;
	}

	/** The text of a paragraph with its number. */
	private markedText(paragraph: XmlElement): string {
		const place = this.styles.listOf(childOf(paragraph, 'pPr'));
		const text = runText(paragraph, this.references);
		const marker = place ? this.numbering.next(place.list, place.depth) : '';
		return marker === '' || marker === '-' ? text : `${marker} ${text}`;
	}

	private writeTable(table: XmlElement): void {
		const rows = tableRows(table);
		const [first] = rows;
		// A frame around text.
		if (rows.length === 1 && first && cellsOf(first).length === 1) {
			for (const cell of cellsOf(first)) for (const child of elementsOf(cell)) this.write(child);
			return;
		}
		this.writer?.table(this.tableOf(table, rows));
		this.writeDrawings();
	}

	private tableOf(table: XmlElement, rows: readonly XmlElement[]): Table {
		const look = childOf(childOf(table, 'tblPr'), 'tblLook');
		const bits = Number.parseInt((look && attributeOf(look, 'val')) ?? '0', 16);
		const marksFirst = look !== undefined && (attributeOf(look, 'firstRow') === '1' || (bits & 0x20) !== 0);
		const cells = rows.map((row, at) => {
			const isHeader =
				isOn(childOf(childOf(row, 'trPr'), 'tblHeader')) || (marksFirst && at === 0 && rows.length > 1);
			let column = Number(attributeOf(childOf(childOf(row, 'trPr'), 'gridBefore') ?? row, 'val') ?? 0);
			const before: WordCell[] = column > 0 ? [{ text: '', column: 0, columns: column }] : [];
			return [
				...before,
				...cellsOf(row).map((cell): WordCell => {
					const properties = childOf(cell, 'tcPr');
					const span = childOf(properties, 'gridSpan');
					const columns = Math.max(1, Number((span && attributeOf(span, 'val')) ?? 1) || 1);
					const merge = childOf(properties, 'vMerge');
					const continues = merge !== undefined && attributeOf(merge, 'val') !== 'restart';
					const text = continues ? '' : this.plainText(cell);
					const found = {
						text,
						column,
						columns,
						...(isHeader ? { isHeader } : {}),
						...(continues ? { continues } : {}),
					};
					column += columns;
					return found;
				}),
			];
		});
		return withRowSpans(cells);
	}
}

interface WordCell extends TableCell {
	readonly column: number;
	readonly columns: number;
	/** Belongs to the cell above. */
	readonly continues?: boolean;
}

/** Word lists a cell that covers several rows in each of them; a table lists it once. From the last row up: each cell is seen once. */
function withRowSpans(rows: ReadonlyArray<readonly WordCell[]>): Table {
	/** By column, over how many rows the cells of the row below go on. */
	let below: ReadonlyMap<number, number> = new Map();
	const table: TableCell[][] = [];
	for (let at = rows.length - 1; at >= 0; at--) {
		const above = new Set(rows[at - 1]?.map(({ column }) => column));
		const own = new Map<number, number>();
		const cells = (rows[at] ?? []).flatMap(({ continues, column, ...cell }): TableCell[] => {
			const covers = 1 + (below.get(column) ?? 0);
			if (continues === true) own.set(column, covers);
			if (continues === true && above.has(column)) return [];
			return [covers > 1 ? { ...cell, rows: covers } : cell];
		});
		table.push(cells);
		below = own;
	}
	return table.reverse();
}

/** Rows, also those in content controls; deleted ones are left out. */
function tableRows(table: XmlElement): XmlElement[] {
	return elementsOf(table).flatMap((child) => {
		if (child.name === 'tr') return childOf(childOf(child, 'trPr'), 'del') ? [] : [child];
		return TRANSPARENT.has(child.name) ? tableRows(child) : [];
	});
}

function cellsOf(row: XmlElement): XmlElement[] {
	return [
		...elementsOf(row).flatMap((child) =>
			child.name === 'tc' ? [child] : TRANSPARENT.has(child.name) ? cellsOf(child) : [],
		),
	];
}
