/**
 * Markdown line by line: what each line is, from the line itself, the one after it and what is open. A full CommonMark
 * tree costs 0.24 MB/s and is not needed to know where headings, tables, fences and list items begin.
 * Rules: CommonMark 0.31 (headings, fences), GFM 0.29 (tables); front matter as YAML between `---` lines at the top.
 */

export type LineKind = 'blank' | 'text' | 'heading' | 'list' | 'table' | 'code' | 'front';

export interface Line {
	readonly start: number;
	/** Behind the line break. */
	readonly end: number;
	readonly kind: LineKind;
	/** Start of the paragraph, list item, table, fence or front matter the line belongs to. */
	readonly block: number;
	/** Headings: 1–6. List items: the indentation. Otherwise 0. */
	readonly level: number;
	readonly title?: string;
	/** Tables: the header row. Fences: the opening line. */
	readonly header?: string;
}

const CODE = {
	tab: 9,
	lineFeed: 10,
	return: 13,
	space: 32,
	hash: 35,
	star: 42,
	plus: 43,
	dash: 45,
	dot: 46,
	colon: 58,
	equals: 61,
	greater: 62,
	backtick: 96,
	pipe: 124,
	tilde: 126,
	bom: 0xfeff,
} as const;

interface Fence {
	readonly mark: number;
	readonly length: number;
	readonly quoted: boolean;
	readonly block: number;
	readonly header: string;
}

/** Nobody nests deeper; a line of a million `>` is text. */
const DEEPEST_PREFIX = 200;
const LONGEST_TITLE = 500;

/** Reads lines in order. Each character is looked at once, apart from one line of looking ahead. */
export class MarkdownLines {
	private at = 0;
	private fence: Fence | undefined;
	private table: { readonly block: number; readonly header: string } | undefined;
	private frontEnd = 0;
	private previous: Line | undefined;
	/** End of the line that starts at the key; the line behind the current one is found once for both. */
	private known = { start: -1, end: -1 };

	constructor(private readonly text: string) {
		this.frontEnd = frontMatterEnd(text);
	}

	next(): Line | undefined {
		if (this.at >= this.text.length) return undefined;
		const start = this.at;
		const end = this.lineEnd(start);
		this.at = end;
		const line = this.read(start, end);
		this.previous = line;
		return line;
	}

	private lineEnd(start: number): number {
		if (this.known.start === start) return this.known.end;
		const found = this.text.indexOf('\n', start);
		const end = found < 0 ? this.text.length : found + 1;
		this.known = { start, end };
		return end;
	}

	private read(start: number, end: number): Line {
		const { text } = this;
		if (start < this.frontEnd) return { start, end, kind: 'front', block: 0, level: 0 };
		const first = indentEnd(text, start === 0 && text.charCodeAt(0) === CODE.bom ? 1 : start, end);
		if (this.fence) return this.readFenced(this.fence, start, end, first);
		if (first >= end || isLineBreak(text.charCodeAt(first))) {
			this.table = undefined;
			return { start, end, kind: 'blank', block: start, level: 0 };
		}
		return (
			this.readOpeningFence(start, end, first) ??
			this.readHeading(start, end, first) ??
			this.readTable(start, end) ??
			this.readListOrText(start, end, first)
		);
	}

	private readFenced(fence: Fence, start: number, end: number, first: number): Line {
		const content = skipQuotes(this.text, first, end);
		if (fence.quoted && content === first && this.text.charCodeAt(first) !== CODE.greater) {
			// A quotation that ends takes its open fence with it.
			this.fence = undefined;
			return this.read(start, end);
		}
		const run = runLength(this.text, content, end, fence.mark);
		if (run >= fence.length && isBlank(this.text, content + run, end)) this.fence = undefined;
		return { start, end, kind: 'code', block: fence.block, level: 0, header: fence.header };
	}

	private readOpeningFence(start: number, end: number, first: number): Line | undefined {
		const { text } = this;
		const content = skipListMarks(text, skipQuotes(text, first, end), end);
		const mark = text.charCodeAt(content);
		if (mark !== CODE.backtick && mark !== CODE.tilde) return undefined;
		const length = runLength(text, content, end, mark);
		if (length < 3) return undefined;
		if (mark === CODE.backtick && end - content < 2000 && text.slice(content + length, end).includes('`'))
			return undefined;
		const header = text.slice(content, Math.min(end, content + LONGEST_TITLE)).trimEnd();
		this.fence = { mark, length, quoted: text.charCodeAt(first) === CODE.greater, block: start, header };
		this.table = undefined;
		return { start, end, kind: 'code', block: start, level: 0, header };
	}

	private readHeading(start: number, end: number, first: number): Line | undefined {
		const { text } = this;
		if (text.charCodeAt(first) === CODE.hash) {
			const level = runLength(text, first, end, CODE.hash);
			const behind = text.charCodeAt(first + level);
			const closed =
				first + level >= end || behind === CODE.space || behind === CODE.tab || isLineBreak(behind);
			if (level > 6 || !closed || first - start > 3) return undefined;
			this.table = undefined;
			return { start, end, kind: 'heading', block: start, level, title: titleOf(text, first + level, end) };
		}
		// Setext: a line of text, alone, underlined.
		if (
			this.previous &&
			this.previous.kind !== 'blank' &&
			this.previous.kind !== 'heading' &&
			this.previous.kind !== 'front'
		)
			return undefined;
		const level = underlineLevel(text, end, this.lineEndAt(end));
		if (level === 0 || isMarked(text, first, end)) return undefined;
		const whole = this.lineEndAt(end);
		this.at = whole;
		return { start, end: whole, kind: 'heading', block: start, level, title: titleOf(text, first, end) };
	}

	private lineEndAt(start: number): number {
		return start < this.text.length ? this.lineEnd(start) : start;
	}

	private readTable(start: number, end: number): Line | undefined {
		if (!this.table) {
			const next = this.lineEndAt(end);
			if (!isDelimiterRow(this.text, end, next) || !hasPipe(this.text, start, end)) return undefined;
			this.table = { block: start, header: this.text.slice(start, end).trim() };
		}
		return { start, end, kind: 'table', block: this.table.block, level: 0, header: this.table.header };
	}

	private readListOrText(start: number, end: number, first: number): Line {
		const { text, previous } = this;
		if (listMarkLength(text, first, end) > 0)
			return { start, end, kind: 'list', block: start, level: first - start };
		// A lazy or indented line goes on with the item or paragraph above it.
		const goesOn = previous && (previous.kind === 'list' || previous.kind === 'text');
		if (goesOn) return { start, end, kind: previous.kind, block: previous.block, level: previous.level };
		return { start, end, kind: 'text', block: start, level: 0 };
	}
}

function frontMatterEnd(text: string): number {
	const from = text.charCodeAt(0) === CODE.bom ? 1 : 0;
	const opening = /^---[ \t]*\r?\n/.exec(text.slice(from, from + 64));
	if (!opening) return 0;
	let at = from + opening[0].length - 1;
	while ((at = text.indexOf('\n---', at)) >= 0) {
		const lineEnd = text.indexOf('\n', at + 1);
		const end = lineEnd < 0 ? text.length : lineEnd + 1;
		if (isBlank(text, at + 4, end)) return end;
		at = end - 1;
	}
	return 0;
}

function isLineBreak(unit: number): boolean {
	return unit === CODE.lineFeed || unit === CODE.return;
}

function indentEnd(text: string, start: number, end: number): number {
	let at = start;
	while (at < end && (text.charCodeAt(at) === CODE.space || text.charCodeAt(at) === CODE.tab)) at++;
	return at;
}

function isBlank(text: string, start: number, end: number): boolean {
	const at = indentEnd(text, start, end);
	return at >= end || isLineBreak(text.charCodeAt(at));
}

function runLength(text: string, start: number, end: number, mark: number): number {
	let at = start;
	while (at < end && text.charCodeAt(at) === mark) at++;
	return at - start;
}

function skipQuotes(text: string, start: number, end: number): number {
	let at = start;
	const furthest = Math.min(end, start + DEEPEST_PREFIX);
	while (at < furthest && text.charCodeAt(at) === CODE.greater) at = indentEnd(text, at + 1, end);
	return at;
}

/** Length of "- ", "12. " and the like at `start`; 0 if there is none. */
function listMarkLength(text: string, start: number, end: number): number {
	const unit = text.charCodeAt(start);
	let at = start;
	if (unit === CODE.dash || unit === CODE.star || unit === CODE.plus) {
		at++;
	} else {
		while (at < start + 9 && isDigit(text.charCodeAt(at))) at++;
		if (at === start || (text.charCodeAt(at) !== CODE.dot && text.charAt(at) !== ')')) return 0;
		at++;
	}
	const behind = text.charCodeAt(at);
	return at < end && (behind === CODE.space || behind === CODE.tab) ? at + 1 - start : 0;
}

function skipListMarks(text: string, start: number, end: number): number {
	let at = start;
	for (let depth = 0; depth < 10; depth++) {
		const length = listMarkLength(text, at, end);
		if (length === 0) break;
		at = indentEnd(text, at + length, end);
	}
	return at;
}

function isDigit(unit: number): boolean {
	return unit >= 48 && unit <= 57;
}

function isMarked(text: string, first: number, end: number): boolean {
	return text.charCodeAt(first) === CODE.greater || listMarkLength(text, first, end) > 0;
}

/** 1 for a line of `=`, 2 for a line of `-`, else 0. */
function underlineLevel(text: string, start: number, end: number): 0 | 1 | 2 {
	const first = indentEnd(text, start, end);
	const mark = text.charCodeAt(first);
	if (first >= end || (mark !== CODE.equals && mark !== CODE.dash)) return 0;
	const run = runLength(text, first, end, mark);
	if (!isBlank(text, first + run, end)) return 0;
	return mark === CODE.equals ? 1 : 2;
}

/** Only `|`, `-`, `:` and spaces, with at least one dash and one pipe. */
function isDelimiterRow(text: string, start: number, end: number): boolean {
	let dashes = 0;
	let pipes = 0;
	for (let at = start; at < end; at++) {
		const unit = text.charCodeAt(at);
		if (unit === CODE.dash) dashes++;
		else if (unit === CODE.pipe) pipes++;
		else if (unit !== CODE.colon && unit !== CODE.space && unit !== CODE.tab && !isLineBreak(unit))
			return false;
	}
	return dashes > 0 && pipes > 0;
}

function hasPipe(text: string, start: number, end: number): boolean {
	const at = text.slice(start, Math.min(end, start + 10_000)).indexOf('|');
	return at >= 0;
}

function titleOf(text: string, start: number, end: number): string {
	return text
		.slice(start, Math.min(end, start + LONGEST_TITLE))
		.trim()
		.replace(/(^|[ \t])#{1,20}$/, '')
		.trim();
}
