import { DocumentError } from '../../errors';
import type { TableCell } from '../../types';
import { legible } from '../legible';
import type { Parse } from '../parse';
import { raisedText } from '../raised';
import type { DocumentWriter } from '../writer';
import { WordLists } from './lists';
import { valueOf, type Property } from './properties';
import { VisibleText } from './visibleText';
import { refuseUnread, WordFile, type Story } from './wordFile';
import { WordStyles } from './styles';

/** Properties of paragraphs ([MS-DOC] 2.6.2). */
const PROPERTY = { inTable: 0x2416, endsRow: 0x2417, list: 0x460b, listLevel: 0x260a } as const;
/** What ends a paragraph, a cell or row, and a page or section. */
const ENDS: ReadonlySet<string> = new Set(['\r', '\x07', '\x0c']);

/** An OLE file as SheetJS opens it: the streams, and beside each its path. */
interface Streams {
	readonly FileIndex: ReadonlyArray<{ readonly content?: Uint8Array }>;
	readonly FullPaths: readonly string[];
}

interface Containers {
	read(data: Buffer, options: { readonly type: 'buffer' }): Streams;
}

/** The parser of Word files before 2007 (DOC). */
export async function loadDoc(): Promise<Parse> {
	const { CFB } = (await import('@e965/xlsx')) as { readonly CFB: Containers };
	return ({ bytes }, writer) => {
		const { FileIndex, FullPaths } = CFB.read(Buffer.from(bytes), { type: 'buffer' });
		const [root = ''] = FullPaths;
		// Documents within the document have streams of the same names below it.
		const stream = (name: string): Buffer | undefined => {
			const path = `${root}${name}`.toLowerCase();
			const found = FileIndex[FullPaths.findIndex((each) => each.toLowerCase() === path)]?.content;
			return found && Buffer.from(found);
		};
		const main = stream('WordDocument');
		if (!main || main.byteLength < 0x200) throw new Error('its text is missing');
		refuseUnread(main);
		new DocumentOfWord(new WordFile(main, stream), writer).write();
	};
}

class DocumentOfWord {
	private readonly styles: WordStyles;
	private readonly lists: WordLists;
	/** Cells of the row that is read, and rows of the table. */
	private cells: string[] = [];
	private cell: string[] = [];
	private rows: TableCell[][] = [];
	private readonly visible: VisibleText;

	constructor(
		private readonly file: WordFile,
		private readonly writer: DocumentWriter,
	) {
		this.styles = new WordStyles(file.table('styles'));
		this.lists = new WordLists(file.tableAndMore('lists'), file.table('listUses'));
		this.visible = new VisibleText({
			footnotes: file.positions('footnoteRefs', 2),
			endnotes: file.positions('endnoteRefs', 2),
		});
	}

	/** @throws DocumentError where the letters cannot be read */
	write(): void {
		const { file, writer } = this;
		if (legible(file.text.replaceAll('\0', '').replace(/\p{Cc}/gu, ' ')) === undefined) {
			throw new DocumentError(
				'unreadable',
				'The letters of the Word file cannot be read; it may be protected by a password. Open it in Word and save it as .docx.',
			);
		}
		const margins = this.margins();
		for (const text of margins.headers) writer.note(`Header: ${text}`);
		for (const [start, end] of this.paragraphsOf('body')) this.writeParagraph(start, end);
		this.endTable();
		for (const note of this.notesOf('footnotes', (number) => `[${number}]`)) writer.note(note);
		for (const note of this.notesOf('endnotes', (number) => `[e${number}]`)) writer.note(note);
		for (const [start, end] of this.paragraphsOf('boxes')) writer.paragraph(this.textOf(start, end).trim());
		writer.note(this.textsOf('marginBoxes'));
		const comments = this.textsOf('comments');
		if (comments !== '') writer.note(`Comments: ${comments}`);
		for (const text of margins.footers) writer.note(`Footer: ${text}`);
	}

	/** Where the paragraphs of a story begin and end, their marks not counted. */
	private *paragraphsOf(story: Story, range = this.file.range(story)): Generator<[number, number]> {
		let [start] = range;
		const end = Math.min(range[1], this.file.text.length);
		this.visible.begin();
		for (let at = start; at < end; at++) {
			if (!ENDS.has(this.file.text[at] ?? '')) continue;
			yield [start, at];
			start = at + 1;
		}
		if (start < end) yield [start, end];
	}

	private writeParagraph(start: number, end: number): void {
		const { style, properties } = this.file.paragraphAt(end);
		const mark = this.file.text[end];
		const text = this.textOf(start, end);
		if (mark === '\x07' || valueOf(properties, PROPERTY.inTable) === 1) {
			this.writeInTable(text, mark, valueOf(properties, PROPERTY.endsRow) === 1);
			return;
		}
		this.endTable();
		if (text.trim() === '') return;
		const level = this.styles.levelOf(style);
		const number = this.numberOf([...this.styles.propertiesOf(style), ...properties]);
		if (level !== undefined) this.writer.heading(level, number ? `${number.marker} ${text}` : text);
		else if (number) this.writer.listItem(text, number.marker, number.depth);
		else this.writer.paragraph(text);
	}

	private numberOf(properties: readonly Property[]): { marker: string; depth: number } | undefined {
		const level = valueOf(properties, PROPERTY.listLevel) ?? 0;
		const marker = this.lists.next(valueOf(properties, PROPERTY.list) ?? 0, level)?.trim();
		return marker === undefined || marker === '' ? undefined : { marker, depth: level + 1 };
	}

	private writeInTable(text: string, mark: string | undefined, endsRow: boolean): void {
		if (endsRow) {
			if (this.cells.length > 0) this.rows.push(this.cells.map((cell) => ({ text: cell })));
			this.cells = [];
			return;
		}
		this.cell.push(text.trim());
		if (mark !== '\x07') return;
		this.cells.push(this.cell.filter((line) => line !== '').join('\n'));
		this.cell = [];
	}

	private endTable(): void {
		if (this.cells.length > 0) this.rows.push(this.cells.map((text) => ({ text })));
		if (this.rows.length > 0) {
			const [first = [], ...others] = this.rows;
			const isTable = others.length > 0;
			this.writer.table([first.map((cell) => (isTable ? { ...cell, isHeader: true } : cell)), ...others]);
		}
		[this.rows, this.cells, this.cell] = [[], [], []];
	}

	/** The text that is seen, raised figures marked. */
	private textOf(start: number, end: number): string {
		let text = '';
		let at = start;
		for (const [from, to] of this.file.raisedIn(start, end)) {
			text += this.visible.of(this.file.text, at, from);
			const raised = this.visible.of(this.file.text, from, to);
			text += raised.startsWith('[') ? raised : raisedText(text, raised);
			at = to;
		}
		return text + this.visible.of(this.file.text, at, end);
	}

	/** All texts of a story, its notes apart by the marks with which they begin. */
	private notesOf(story: Story, label: (number: number) => string): string[] {
		const notes: string[] = [];
		for (const [start, end] of this.paragraphsOf(story)) {
			const isFirst = this.file.text.slice(start, end).includes('\x02');
			const text = this.textOf(start, end).trim();
			if (isFirst || notes.length === 0) notes.push(`${label(notes.length + 1)} ${text}`);
			else if (text !== '') notes.push(`${notes.pop() ?? ''}\n${text}`);
		}
		return notes.filter((note) => /\] \S/.test(note));
	}

	private textsOf(story: Story, range?: readonly [number, number]): string {
		return [...this.paragraphsOf(story, range)]
			.map(([start, end]) => this.textOf(start, end).trim())
			.filter((text) => text !== '')
			.join('\n');
	}

	/** The different texts of headers and footers. Six stories of a section, behind six of separators ([MS-DOC] 2.8.26). */
	private margins(): { readonly headers: ReadonlySet<string>; readonly footers: ReadonlySet<string> } {
		const found = { headers: new Set<string>(), footers: new Set<string>() };
		const [start] = this.file.range('headers');
		const places = this.file.positions('headers', 0);
		let reached = 0;
		places.slice(6, -1).forEach((place, at) => {
			const end = places[at + 7] ?? place;
			if (place < reached || end <= place) return;
			reached = end;
			const text = this.textsOf('headers', [start + place, start + end]);
			const isHeader = [0, 1, 4].includes(at % 6);
			if (/\p{L}{2}/u.test(text)) found[isHeader ? 'headers' : 'footers'].add(text);
		});
		return found;
	}
}
