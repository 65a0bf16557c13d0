import type { Table, TableCell } from '../../types';
import { mathText, type MathNode } from '../html/math';
import { raisedText } from '../raised';
import type { DocumentWriter } from '../writer';
import { attributeOf, childOf, childrenOf, descendantsOf, elementsOf, textIn, type XmlElement } from '../xml';
import type { OdfStyles } from './styles';

/** Rows and columns written of one that is repeated: sheets end in a million empty ones. */
const MAX_REPEATED = 100;

interface ListPlace {
	readonly style: string;
	readonly depth: number;
}

/** Writes the text of an OpenDocument file: of a letter, or of a slide. */
export class OdfBody {
	private notes: string[] = [];
	private boxes: XmlElement[] = [];
	private noteCount = 0;

	/** @param object root element of an object in the file, by its name */
	constructor(
		private readonly writer: DocumentWriter,
		private readonly styles: OdfStyles,
		private readonly object: (name: string) => XmlElement | undefined,
	) {}

	write(element: XmlElement, place?: ListPlace): void {
		switch (element.name) {
			case 'h':
				this.writeHeading(element);
				return;
			case 'p':
				this.writer.paragraph(this.textOf(element));
				this.writeBoxes();
				return;
			case 'list':
				this.writeList(element, place);
				return;
			case 'table':
				this.writer.table(this.tableOf(element));
				return;
			case 'tracked-changes':
			case 'forms':
			case 'sequence-decls':
			case 'notes':
				return;
			default:
				for (const child of elementsOf(element)) this.write(child, place);
		}
	}

	/** Footnotes and comments met so far. */
	writeNotes(): void {
		for (const note of this.notes) this.writer.note(note);
		this.notes = [];
	}

	/** All text below an element. */
	plainText(element: XmlElement): string {
		return elementsOf(element)
			.flatMap((child) =>
				child.name === 'p' || child.name === 'h' ? [this.textOf(child).trim()] : [this.plainText(child)],
			)
			.filter((line) => line !== '')
			.join('\n');
	}

	private writeHeading(element: XmlElement): void {
		const level = Number(attributeOf(element, 'outline-level') ?? 1);
		const number = attributeOf(element, 'is-list-header') === 'true' ? '' : this.styles.heading(level);
		this.writer.heading(level, `${number} ${this.textOf(element)}`);
		this.writeBoxes();
	}

	private writeList(list: XmlElement, outer?: ListPlace): void {
		const style = attributeOf(list, 'style-name') ?? outer?.style ?? '';
		const depth = (outer?.depth ?? 0) + 1;
		const goesOn =
			attributeOf(list, 'continue-numbering') === 'true' || attributeOf(list, 'continue-list') !== undefined;
		if (!outer) this.styles.beginList(style, goesOn);
		for (const item of elementsOf(list)) {
			let isFirst = item.name === 'list-item';
			for (const child of elementsOf(item)) {
				if (child.name === 'p' && isFirst) {
					const start = attributeOf(item, 'start-value');
					const marker = this.styles.item(style, depth, start === undefined ? undefined : Number(start));
					const text = this.textOf(child);
					if (marker === '') this.writer.paragraph(text);
					else this.writer.listItem(text, marker, depth);
					this.writeBoxes();
					isFirst = false;
				} else this.write(child, { style, depth });
			}
		}
	}

	private writeBoxes(): void {
		const boxes = this.boxes;
		this.boxes = [];
		for (const box of boxes) for (const child of elementsOf(box)) this.write(child);
	}

	private tableOf(table: XmlElement): Table {
		const rows: Array<{ row: XmlElement; isHeader: boolean }> = [];
		const collect = (element: XmlElement, isHeader: boolean): void => {
			for (const child of elementsOf(element)) {
				if (child.name === 'table-row') {
					const repeated = Math.min(Number(attributeOf(child, 'number-rows-repeated') ?? 1), MAX_REPEATED);
					for (let at = 0; at < repeated; at++) rows.push({ row: child, isHeader });
				} else if (/^table-(?:header-rows|rows|row-group)$/.test(child.name)) {
					collect(child, isHeader || child.name === 'table-header-rows');
				}
			}
		};
		collect(table, false);
		return rows.map(({ row, isHeader }) =>
			childrenOf(row, 'table-cell').flatMap((cell): TableCell[] => {
				const span = (name: string): number => Math.max(1, Number(attributeOf(cell, name) ?? 1) || 1);
				const text = this.plainText(cell).replace(/\n/g, ' ');
				const made: TableCell = {
					...{ text, columns: span('number-columns-spanned'), rows: span('number-rows-spanned') },
					...(isHeader ? { isHeader: true } : {}),
				};
				return Array.from({ length: Math.min(span('number-columns-repeated'), MAX_REPEATED) }, () => made);
			}),
		);
	}

	/** The text of a paragraph. */
	private textOf(paragraph: XmlElement): string {
		const parts: string[] = [];
		let last = '';
		for (const child of paragraph.children) {
			const text = typeof child === 'string' ? child.replace(/\s+/g, ' ') : this.inlineText(child, last);
			if (text === '') continue;
			parts.push(text);
			last = text.slice(-2);
		}
		return parts.join('');
	}

	/** @param before the end of the text before it */
	private inlineText(element: XmlElement, before: string): string {
		switch (element.name) {
			case 's':
				return ' '.repeat(Math.min(Number(attributeOf(element, 'c') ?? 1), 1000));
			case 'tab':
				return '\t';
			case 'line-break':
				return '\n';
			case 'note':
				return this.noteText(element);
			case 'annotation': {
				const author = childOf(element, 'creator');
				this.notes.push(`Comment${author ? ` (${textIn(author)})` : ''}: ${this.plainText(element)}`);
				return '';
			}
			case 'frame':
				return this.frameText(element);
			case 'custom-shape':
				this.boxes.push(element);
				return '';
			case 'change':
			case 'change-start':
			case 'change-end':
			case 'bookmark':
				return '';
			case 'span': {
				const style = attributeOf(element, 'style-name');
				if (this.styles.isStruck(style)) return '';
				const text = this.textOf(element);
				return this.styles.isRaised(style) ? raisedText(before, text) : text;
			}
			default:
				return this.textOf(element);
		}
	}

	private noteText(note: XmlElement): string {
		const body = childOf(note, 'note-body');
		const label = `[${++this.noteCount}]`;
		if (body) this.notes.push(`${label} ${this.plainText(body)}`);
		return ` ${label}`;
	}

	private frameText(frame: XmlElement): string {
		for (const box of childrenOf(frame, 'text-box')) this.boxes.push(box);
		const [object] = descendantsOf(frame, 'object');
		const name = object && attributeOf(object, 'href');
		const root = name === undefined ? undefined : this.object(name.replace(/^\.\//, ''));
		return root?.name === 'math' ? mathText(root as MathNode) : '';
	}
}
