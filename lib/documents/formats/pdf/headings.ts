import type { PageLine } from './lines';

/** Letters of a heading are higher than those of the text below it by this factor; of an upper one by more. */
const LEVELS = [
	{ factor: 1.9, level: 1 },
	{ factor: 1.45, level: 2 },
	{ factor: 1.18, level: 3 },
] as const;
/** Longer ones are a text in large letters, not a heading. */
const MAX = { lines: 3, letters: 200 };

/** A heading or some lines of text, as they follow each other on a page. */
export interface PagePart {
	/** Of a heading, from 1. */
	readonly level?: number;
	readonly lines: readonly PageLine[];
}

/** Tells headings from text by the height of their letters, page after page. */
export class HeadingFinder {
	/** How many characters were seen of each height, in half points. */
	private readonly seen = new Map<number, number>();

	/** Parts of a page that is one text. */
	partsOf(lines: readonly PageLine[]): PagePart[] {
		this.see(lines);
		return this.cut(lines);
	}

	/** Looks at the letters of a page. */
	see(lines: readonly PageLine[]): void {
		for (const { height, text } of lines) {
			const size = Math.round(height * 2);
			this.seen.set(size, (this.seen.get(size) ?? 0) + text.length);
		}
	}

	/** Parts of a text on a page that was looked at. */
	cut(lines: readonly PageLine[]): PagePart[] {
		const text = this.textHeight();
		const parts: Array<{ level?: number; lines: PageLine[] }> = [];
		for (const line of lines) {
			const level = levelOf(line.height / text);
			const last = parts.at(-1);
			if (last && last.level === level && (level === undefined || continues(last.lines, line))) {
				last.lines.push(line);
			} else parts.push({ ...(level === undefined ? {} : { level }), lines: [line] });
		}
		return parts.map((part) =>
			part.level === undefined || isHeading(part.lines) ? part : { lines: part.lines },
		);
	}

	/** Height of the letters that most of the document is set in, in points. */
	private textHeight(): number {
		let [height, most] = [0, 0];
		for (const [size, count] of this.seen) if (count > most) [height, most] = [size, count];
		return height / 2;
	}
}

const levelOf = (factor: number): number | undefined => LEVELS.find((each) => factor >= each.factor)?.level;

const continues = (lines: readonly PageLine[], { height, isApart }: PageLine): boolean =>
	!isApart && Math.abs((lines[0]?.height ?? 0) - height) < 0.5;

/** Amounts, numbers of pages and whole sentences in large letters are none. */
function isHeading(lines: readonly PageLine[]): boolean {
	const text = lines.map((line) => line.text).join(' ');
	if (lines.length > MAX.lines || text.length > MAX.letters) return false;
	return (text.match(/\p{L}/gu)?.length ?? 0) >= 3 && !/[.,;:]$/.test(text);
}
