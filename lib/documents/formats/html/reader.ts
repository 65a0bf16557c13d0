import type { DocumentWriter } from '../writer';
import { APART, asideOf, BLOCKS, HEADINGS, type Attributes } from './elements';
import { lengthOf, write, type Emitted } from './emitted';
import { InlineText } from './inlineText';
import { mathText, type MathNode } from './math';
import { OpenTable } from './tables';

/** A banner is shorter than this; a page about cookies is longer. */
const NOTICE_LENGTH = 1500;

interface Aside {
	readonly name: string;
	readonly kind: ReturnType<typeof asideOf>;
	readonly blocks: Emitted[];
	/** Open elements of the same name within. */
	nested: number;
}

/** Space owed before the next block, by how much it is. */
const GAP = { none: 0, line: 1, empty: 2 } as const;
type Gap = (typeof GAP)[keyof typeof GAP];

/** Takes the events of a parser and writes the page's blocks. */
export class HtmlReader {
	title = '';
	private inTitle = false;
	private depth = 0;
	private readonly line = new InlineText();
	private gap: Gap = GAP.none;
	/** What the text in `line` becomes. */
	private pending: { readonly heading?: number; readonly marker?: string; readonly level?: number } = {};
	private code: string | undefined;
	private readonly lists: Array<{ readonly type: string | undefined; next: number }> = [];
	private readonly tables: OpenTable[] = [];
	/** Where blocks go: the innermost cell or aside that is open, else the writer. */
	private readonly sinks: Array<{ readonly blocks: Emitted[]; readonly of: OpenTable | Aside }> = [];
	private readonly asides: Aside[] = [];
	private readonly math: MathNode[] = [];
	private readonly leftOut: Emitted[] = [];
	private readonly footer: Emitted[] = [];
	private hasMain = false;

	constructor(private readonly writer: DocumentWriter) {}

	open(name: string, attributes: Attributes): void {
		this.depth++;
		if (name === 'title' && this.title === '') this.inTitle = true;
		const hidden = this.hidden;
		if (hidden) {
			if (hidden.name === name) hidden.nested++;
			return;
		}
		if (this.math.length > 0 || name === 'math') {
			this.math.push({ name, children: [] });
			return;
		}
		const outer = this.asides.at(-1);
		if (outer?.name === name) outer.nested++;
		const kind = asideOf(name, attributes, this.depth);
		if (kind !== undefined && outer?.name !== name) {
			if (BLOCKS.has(name) || kind === 'fallback') this.boundary(name);
			const aside: Aside = { name, kind, blocks: [], nested: 0 };
			this.asides.push(aside);
			this.sinks.push({ blocks: aside.blocks, of: aside });
			return;
		}
		if (name === 'main') this.hasMain = true;
		const heading = HEADINGS.get(name);
		if (heading !== undefined) {
			this.flush();
			this.gap = GAP.empty;
			this.pending = { heading };
		} else if (BLOCKS.has(name)) this.boundary(name);
		this.openSpecial(name, attributes);
	}

	private openSpecial(name: string, attributes: Attributes): void {
		switch (name) {
			case 'br':
				return this.line.newLine();
			case 'ul':
			case 'ol':
				this.lists.push({
					type: name === 'ol' ? (attributes.type ?? '1') : undefined,
					next: Number.parseInt(attributes.start ?? '1', 10) || 1,
				});
				return;
			case 'li':
				return this.beginItem(attributes.value);
			case 'pre':
				this.code = '';
				return;
			case 'sup':
				return this.line.raise();
			case 'del':
			case 's':
			case 'strike':
				return this.line.strike(true);
			case 'img':
				if (attributes.alt) this.text(attributes.alt);
				return;
			case 'table':
				this.tables.push(new OpenTable(attributes, this.gap === GAP.line));
				return;
			case 'thead':
				this.tables.at(-1)?.setHead(true);
				return;
			case 'tr':
				this.tables.at(-1)?.openRow();
				return;
			case 'td':
			case 'th':
				this.openCell(name, attributes);
		}
	}

	/** @param implied by the end of an outer element or of the page */
	close(name: string, implied: boolean): void {
		this.depth--;
		if (name === 'title') this.inTitle = false;
		if (this.math.length > 0) {
			this.closeMath();
			return;
		}
		const aside = this.asides.at(-1);
		if (aside?.name === name) {
			if (aside.nested > 0) aside.nested--;
			else {
				this.flush();
				this.closeAside(aside, implied);
				return;
			}
		}
		if (this.hidden) return;
		switch (name) {
			case 'sup':
				return this.line.lower();
			case 'del':
			case 's':
			case 'strike':
				return this.line.strike(false);
			case 'pre':
				if (this.code !== undefined) this.emit({ type: 'code', text: this.code, tight: false });
				this.code = undefined;
				break;
			case 'td':
			case 'th':
				return this.closeCell();
			case 'thead':
				this.tables.at(-1)?.setHead(false);
				break;
			case 'table':
				this.closeTable();
				break;
			case 'ul':
			case 'ol':
				this.flush();
				this.lists.pop();
				break;
		}
		if (HEADINGS.has(name)) {
			this.flush();
			this.gap = GAP.empty;
		} else if (BLOCKS.has(name)) this.boundary(name);
	}

	text(text: string): void {
		if (this.inTitle) this.title += text;
		if (this.hidden) return;
		const formula = this.math.at(-1);
		if (formula) formula.children.push(text);
		else if (this.code !== undefined) this.code += text;
		else this.line.add(text);
	}

	end(): void {
		this.flush();
		for (let aside = this.asides.at(-1); aside; aside = this.asides.at(-1)) this.closeAside(aside, true);
		while (this.tables.length > 0) this.closeTable();
		if (!this.hasMain) for (const block of this.footer) write(block, this.writer);
		// A page of links alone.
		if (this.writer.size === 0) for (const block of this.leftOut) write(block, this.writer);
	}

	/** The aside that hides what is in it, if one is open. */
	private get hidden(): Aside | undefined {
		const aside = this.asides.at(-1);
		return aside?.kind === 'never' ? aside : undefined;
	}

	private boundary(name: string): void {
		this.flush();
		const gap: Gap = APART.has(name) && this.lists.length === 0 ? GAP.empty : GAP.line;
		if (gap > this.gap) this.gap = gap;
	}

	/** Writes the text since the last block. */
	private flush(): void {
		const text = this.line.take();
		if (text === '') return;
		const { heading, marker, level } = this.pending;
		this.pending = {};
		const tight = this.gap === GAP.line;
		if (heading !== undefined) this.emit({ type: 'heading', text, tight, level: heading });
		else if (marker !== undefined)
			this.emit({ type: 'item', text, tight, marker, ...(level === undefined ? {} : { level }) });
		else this.emit({ type: 'paragraph', text, tight });
	}

	private emit(block: Emitted): void {
		const sink = this.sinks.at(-1);
		if (sink) sink.blocks.push(block);
		else write(block, this.writer);
		this.gap = GAP.none;
	}

	private closeAside(aside: Aside, implied: boolean): void {
		this.asides.pop();
		while (this.sinks.length > 0 && this.sinks.pop()?.of !== aside);
		const { kind, blocks } = aside;
		if (kind === 'never') return;
		// One by one: a call has no place for a million arguments.
		if (kind === 'footer') for (const block of blocks) this.footer.push(block);
		else if (kind === 'notice' && lengthOf(blocks) > NOTICE_LENGTH)
			blocks.forEach((block) => this.emit(block));
		// Never closed: it took the page with it.
		else if (kind === 'fallback' && implied) blocks.forEach((block) => this.emit(block));
		else if (kind !== 'fallback') for (const block of blocks) this.leftOut.push(block);
	}

	private openCell(name: string, attributes: Attributes): void {
		const table = this.tables.at(-1);
		if (!table) return this.boundary('div');
		this.flush();
		this.leaveCells(table);
		this.sinks.push({ blocks: table.openCell(name, attributes), of: table });
		this.gap = GAP.none;
	}

	private closeCell(): void {
		const table = this.tables.at(-1);
		this.flush();
		if (table) this.leaveCells(table);
	}

	private closeTable(): void {
		const table = this.tables.pop();
		if (!table) return;
		this.flush();
		this.leaveCells(table);
		for (const block of table.close()) this.emit(block);
	}

	private leaveCells(table: OpenTable): void {
		while (this.sinks.at(-1)?.of === table) this.sinks.pop();
	}

	private beginItem(value: string | undefined): void {
		const list = this.lists.at(-1);
		if (!list) {
			this.pending = { marker: '-' };
			return;
		}
		const level = this.lists.length;
		if (list.type === undefined) {
			this.pending = { marker: '-', level };
			return;
		}
		const number = Number.parseInt(value ?? '', 10) || list.next;
		list.next = number + 1;
		this.pending = { marker: `${numbered(number, list.type)}.`, level };
	}

	private closeMath(): void {
		const node = this.math.pop();
		if (!node) return;
		const parent = this.math.at(-1);
		if (parent) parent.children.push(node);
		else this.line.add(mathText(node));
	}
}

/** The number of a list item as `type` of HTML's `ol` prints it. */
function numbered(number: number, type: string): string {
	if (type !== 'a' && type !== 'A') return String(number);
	let letters = '';
	for (let rest = number; rest > 0; rest = Math.floor((rest - 1) / 26))
		letters = String.fromCharCode(97 + ((rest - 1) % 26)) + letters;
	return type === 'A' ? letters.toUpperCase() : letters;
}
