import { formatted } from '../docx/numbering';

interface Level {
	readonly start: number;
	readonly format: string;
	/** The text before a paragraph; letters below 9 stand for the number of that level. */
	readonly text: string;
}

/** Formats of numbers by their code ([MS-OSHARED] 2.2.1.3); others are printed as figures. */
const FORMATS: ReadonlyMap<number, string> = new Map([
	...([
		[0, 'decimal'],
		[1, 'upperRoman'],
		[2, 'lowerRoman'],
		[3, 'upperLetter'],
	] as const),
	...([
		[4, 'lowerLetter'],
		[22, 'decimalZero'],
		[23, 'bullet'],
		[255, 'none'],
	] as const),
]);
const LEVELS = 9;
/** Sizes of a list, of a level before its texts, and of the use of a list ([MS-DOC] 2.9.147, 2.9.150, 2.9.131). */
const SIZES = { list: 28, level: 28, use: 16 } as const;
/** What says that a list has one level only. */
const SIMPLE = 0x01;

/** Counts the automatic numbers of a file as Word prints them. Paragraphs must be asked for in their order. */
export class WordLists {
	private readonly lists = new Map<number, readonly Level[]>();
	private readonly uses: number[] = [];
	private readonly counts = new Map<number, Array<number | undefined>>();

	constructor(lists: Buffer, uses: Buffer) {
		const count = lists.byteLength >= 2 ? lists.readUInt16LE(0) : 0;
		let at = 2 + count * SIZES.list;
		for (let list = 0; list < count; list++) {
			const head = lists.subarray(2 + list * SIZES.list, 2 + (list + 1) * SIZES.list);
			if (head.byteLength < SIZES.list) return;
			const levels: Level[] = [];
			const isSimple = ((head[26] ?? 0) & SIMPLE) !== 0;
			for (let level = 0; level < (isSimple ? 1 : LEVELS) && at + SIZES.level < lists.byteLength; level++) {
				const [paragraph = 0, character = 0] = [lists[at + 25], lists[at + 24]];
				const textAt = at + SIZES.level + paragraph + character;
				if (textAt + 2 > lists.byteLength) return;
				const length = lists.readUInt16LE(textAt);
				levels.push({
					start: lists.readInt32LE(at),
					format: FORMATS.get(lists[at + 4] ?? 0) ?? 'decimal',
					text: lists.toString('utf16le', textAt + 2, textAt + 2 + length * 2),
				});
				at = textAt + 2 + length * 2;
			}
			this.lists.set(head.readInt32LE(0), levels);
		}
		const used = uses.byteLength >= 4 ? uses.readUInt32LE(0) : 0;
		for (let use = 0; use < used && 4 + (use + 1) * SIZES.use <= uses.byteLength; use++)
			this.uses.push(uses.readInt32LE(4 + use * SIZES.use));
	}

	/** What is printed before the next paragraph of this list: `3.`, `1.2`, a dash for a bullet; undefined for no list. */
	next(use: number, level: number): string | undefined {
		const list = this.uses[use - 1];
		const levels = list === undefined ? undefined : this.lists.get(list);
		const own = levels?.[level];
		if (list === undefined || !levels || !own) return undefined;
		const counts = this.counts.get(list) ?? [];
		this.counts.set(list, counts);
		const last = counts[level];
		counts[level] = last === undefined ? own.start : last + 1;
		counts.fill(undefined, level + 1);
		if (own.format === 'bullet') return '-';
		const numberAt = (at: number): string => {
			const of = levels[at];
			return of ? formatted(counts[at] ?? of.start, of.format) : '';
		};
		return Array.from(own.text, (letter) => {
			const at = letter.charCodeAt(0);
			return at < LEVELS ? numberAt(at) : letter;
		}).join('');
	}
}
