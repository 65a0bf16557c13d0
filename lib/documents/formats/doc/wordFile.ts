import { DocumentError } from '../../errors';
import { propertiesIn, type Property } from './properties';

/** Where the parts of the text and of the tables stand ([MS-DOC] 2.5, all numbers as offsets in the stream). */
const AT = { version: 0x02, flags: 0x0a, lengths: 0x4c, tables: 0x9a } as const;
const FLAGS = { encrypted: 0x100, secondTable: 0x200 } as const;
/** Lengths of the stories in the order in which they stand ([MS-DOC] 2.4.1). */
const STORIES = [
	'body',
	'footnotes',
	'headers',
	'macros',
	'comments',
	'endnotes',
	'boxes',
	'marginBoxes',
] as const;
export type Story = (typeof STORIES)[number];
/** Tables of the file by their position in its list ([MS-DOC] 2.5.5). */
const TABLES = {
	...{ styles: 1, footnoteRefs: 2, headers: 11, characters: 12, paragraphs: 13, pieces: 33 },
	...{ endnoteRefs: 46, lists: 73, listUses: 74 },
} as const;
/** Properties are kept in pages of this size ([MS-DOC] 2.9.32, 2.9.33). */
const PAGE = 512;
/** A piece of letters of one byte is in Windows-1252, its position doubled. */
const NARROW = 0x40000000;

interface Piece {
	/** Positions in the text, in characters. */
	readonly start: number;
	readonly end: number;
	/** Position in the stream, in bytes. */
	readonly at: number;
	readonly width: 1 | 2;
}

/** Properties of what stands from `start` to `end` in the stream. */
interface Run {
	readonly start: number;
	readonly end: number;
	readonly style: number;
	readonly properties: readonly Property[];
}

/** A Word file before 2007: its text in stories, and the properties of its characters and paragraphs. */
export class WordFile {
	/** All stories, one behind the other; deleted characters as NUL. */
	readonly text: string;
	private readonly tables: Buffer;
	/** Where raised text stands, in order. */
	private readonly raised: ReadonlyArray<{ readonly start: number; readonly end: number }>;
	private readonly pieces: readonly Piece[];
	private readonly paragraphs: readonly Run[];

	/** @param tables the stream with the tables, by its name */
	constructor(
		private readonly main: Buffer,
		tablesOf: (name: string) => Buffer | undefined,
	) {
		const flags = main.readUInt16LE(AT.flags);
		const tables = tablesOf((flags & FLAGS.secondTable) === 0 ? '0Table' : '1Table');
		if (!tables) throw new Error('its tables are missing');
		this.tables = tables;
		this.pieces = this.readPieces();
		this.paragraphs = this.readRuns('paragraphs', (page, place) => paragraphRun(page, place));
		const characters = this.readRuns('characters', (page, place, count) => characterRun(page, place, count));
		[this.text, this.raised] = this.readText(characters);
	}

	/** Where a story begins and ends in the text. */
	range(story: Story): readonly [start: number, end: number] {
		let start = 0;
		for (const [at, each] of STORIES.entries()) {
			const length = this.main.readUInt32LE(AT.lengths + at * 4);
			if (each === story) return [start, Math.min(start + length, this.text.length)];
			start += length;
		}
		return [start, start];
	}

	/** The style and properties of the paragraph in which this character stands. */
	paragraphAt(position: number): Omit<Run, 'start' | 'end'> {
		const piece = this.pieces[lastStart(this.pieces, position)];
		if (!piece) return { style: 0, properties: [] };
		const at = piece.at + (position - piece.start) * piece.width;
		const run = this.paragraphs[lastStart(this.paragraphs, at)];
		return run && at < run.end ? run : { style: 0, properties: [] };
	}

	/** The parts from `start` to `end` that are raised. */
	*raisedIn(start: number, end: number): Generator<[from: number, to: number]> {
		for (let at = Math.max(0, lastStart(this.raised, start)); at < this.raised.length; at++) {
			const run = this.raised[at];
			if (!run || run.start >= end) return;
			if (run.end > start) yield [Math.max(run.start, start), Math.min(run.end, end)];
		}
	}

	/** The bytes of a table; empty where the file has none. */
	table(name: keyof typeof TABLES): Buffer {
		const place = AT.tables + TABLES[name] * 8;
		if (place + 8 > this.main.byteLength) return Buffer.alloc(0);
		const start = this.main.readUInt32LE(place);
		return this.tables.subarray(start, start + this.main.readUInt32LE(place + 4));
	}

	/** A table with what follows it: levels stand behind their lists, and are not counted. */
	tableAndMore(name: keyof typeof TABLES): Buffer {
		const table = this.table(name);
		return table.byteLength === 0 ? table : this.tables.subarray(table.byteOffset - this.tables.byteOffset);
	}

	/** Positions in the text that a table names, followed by what else it says of each. @param size of that */
	positions(name: keyof typeof TABLES, size: number): number[] {
		const table = this.table(name);
		if (table.byteLength < 4) return [];
		const count = Math.floor((table.byteLength - 4) / (4 + size)) + 1;
		return Array.from({ length: count }, (_, at) => table.readUInt32LE(at * 4));
	}

	private readPieces(): Piece[] {
		const table = this.table('pieces');
		let at = 0;
		// Properties of single pieces stand before them.
		while (table[at] === 1) at += 3 + table.readUInt16LE(at + 1);
		if (table[at] !== 2) throw new Error('its text cannot be found');
		const size = table.readUInt32LE(at + 1);
		const list = table.subarray(at + 5, at + 5 + size);
		const count = Math.floor((list.byteLength - 4) / 12);
		const pieces: Piece[] = [];
		for (let piece = 0; piece < count; piece++) {
			const [start, end] = [list.readUInt32LE(piece * 4), list.readUInt32LE(piece * 4 + 4)];
			const place = list.readUInt32LE((count + 1) * 4 + piece * 8 + 2);
			const isNarrow = (place & NARROW) !== 0;
			const width = isNarrow ? 1 : 2;
			const from = isNarrow ? (place & ~NARROW) / 2 : place;
			if (end < start || from + (end - start) * width > this.main.byteLength)
				throw new Error('a part of its text is missing');
			pieces.push({ start, end, at: from, width });
		}
		return pieces;
	}

	private readRuns(
		name: 'characters' | 'paragraphs',
		read: (page: Buffer, place: number, count: number) => Omit<Run, 'start' | 'end'> | undefined,
	): Run[] {
		const table = this.table(name);
		const count = Math.max(0, Math.floor((table.byteLength - 4) / 8));
		const runs: Run[] = [];
		for (let at = 0; at < count; at++) {
			const number = table.readUInt32LE((count + 1) * 4 + at * 4) & 0x3fffff;
			const page = this.main.subarray(number * PAGE, (number + 1) * PAGE);
			if (page.byteLength < PAGE) continue;
			const inPage = page.readUInt8(PAGE - 1);
			for (let place = 0; place < inPage && (place + 2) * 4 <= PAGE; place++) {
				const found = read(page, place, inPage);
				if (!found) continue;
				runs.push({ start: page.readUInt32LE(place * 4), end: page.readUInt32LE(place * 4 + 4), ...found });
			}
		}
		return runs.sort((a, b) => a.start - b.start);
	}

	private readText(characters: readonly Run[]): [string, Array<{ start: number; end: number }>] {
		const gone = characters.filter(({ properties }) => properties.some(isGone));
		const high = characters.filter(({ properties }) => properties.some(isRaised));
		const raised: Array<{ start: number; end: number }> = [];
		const parts: string[] = [];
		const decoder = new TextDecoder('windows-1252');
		for (const piece of this.pieces) {
			const { start, end, at, width } = piece;
			const bytes = this.main.subarray(at, at + (end - start) * width);
			const text = width === 1 ? decoder.decode(bytes) : bytes.toString('utf16le');
			let kept = 0;
			for (const [from, to] of within(gone, piece)) {
				if (from < kept) continue;
				parts.push(text.slice(kept, from), '\0'.repeat(to - from));
				kept = to;
			}
			parts.push(text.slice(kept));
			for (const [from, to] of within(high, piece)) raised.push({ start: start + from, end: start + to });
		}
		return [parts.join(''), raised.sort((a, b) => a.start - b.start)];
	}
}

/** @throws DocumentError where the file is of an older Word, or locked */
export function refuseUnread(main: Buffer): void {
	const version = main.readUInt16LE(AT.version);
	if (version >= 101 && version <= 105) {
		throw new DocumentError(
			'unreadable',
			'The file is in the format of Word 6 or 95. Open it in Word or LibreOffice and save it as .docx.',
		);
	}
	if ((main.readUInt16LE(AT.flags) & FLAGS.encrypted) !== 0) {
		throw new DocumentError(
			'unreadable',
			'The file is protected by a password. Open it in Word, remove the password (File, Info, Protect Document) and save it as .docx.',
		);
	}
}

/** Deleted while changes were tracked, hidden, or struck through: as `w:del`, `w:vanish` and `w:strike` of a DOCX. */
const GONE = [0x0800, 0x083c, 0x0837, 0x2a53];
const isGone = ({ code, value }: Property): boolean => GONE.includes(code) && value === 1;
const isRaised = ({ code, value }: Property): boolean => code === 0x2a48 && value === 1;

function characterRun(page: Buffer, place: number, count: number): Omit<Run, 'start' | 'end'> | undefined {
	const offset = page.readUInt8((count + 1) * 4 + place) * 2;
	if (offset === 0) return undefined;
	const size = page.readUInt8(offset);
	return { style: 0, properties: propertiesIn(page.subarray(offset + 1, offset + 1 + size)) };
}

function paragraphRun(page: Buffer, place: number): Omit<Run, 'start' | 'end'> | undefined {
	const count = page.readUInt8(PAGE - 1);
	const offset = page.readUInt8((count + 1) * 4 + place * 13) * 2;
	if (offset === 0) return { style: 0, properties: [] };
	const short = page.readUInt8(offset);
	const start = short === 0 ? offset + 2 : offset + 1;
	const size = short === 0 ? page.readUInt8(offset + 1) * 2 : short * 2 - 1;
	const data = page.subarray(start, start + size);
	return data.byteLength < 2
		? { style: 0, properties: [] }
		: { style: data.readUInt16LE(0), properties: propertiesIn(data.subarray(2)) };
}

/** The parts of a piece that runs cover, in characters from its beginning. */
function* within(runs: readonly Run[], { start, end, at, width }: Piece): Generator<[number, number]> {
	const size = end - start;
	for (let each = Math.max(0, lastStart(runs, at)); each < runs.length; each++) {
		const run = runs[each];
		if (!run || run.start >= at + size * width) return;
		const from = Math.max(0, Math.ceil((run.start - at) / width));
		const to = Math.min(size, Math.floor((run.end - at) / width));
		if (to > from) yield [from, to];
	}
}

/** Position of the last that begins at this place or before it; -1 for none. */
function lastStart(list: ReadonlyArray<{ readonly start: number }>, place: number): number {
	let [low, high] = [0, list.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((list[middle]?.start ?? 0) <= place) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
