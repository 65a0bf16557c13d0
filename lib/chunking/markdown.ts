import { bestBreak, RANK } from './breaks';
import { type Line, MarkdownLines } from './markdownLines';
import type { Description, Method } from './method';

interface Bound {
	/** Is [start, end) within the chunk size? */
	fits(start: number, end: number): boolean;
	/** No chunk has more characters than this. */
	readonly mostCharacters: number;
}

/**
 * Cuts along the structure of markdown. A section that fits, with its subsections, is one chunk; of a larger one the
 * introduction and each subsection are taken by themselves. Inside a section: between blocks, list items, table rows,
 * and only then as in running text. Fences that fit are never cut; pieces of larger ones, and of tables, end where the
 * structure ends and carry its opening line or header row as metadata.
 */
export function markdownMethod(text: string, bound: Bound): Method {
	return new MarkdownCutter(text, bound);
}

interface Heading {
	readonly level: number;
	readonly title: string;
}

/** Deeper than any heading: text above the first one ends at every heading. */
const NO_LEVEL = 7;
/** A cut between blocks that leaves less than this share of the window is passed over for one inside the next block. */
const LEAST_SHARE = 0.25;

class MarkdownCutter implements Method {
	private readonly reader: MarkdownLines;
	/** Lines from the current overlap on, as far ahead as they were needed. */
	private lines: Line[] = [];
	private keepFrom: number | undefined;
	private path: Heading[] = [];
	private titles: readonly string[] = [];

	constructor(
		private readonly text: string,
		private readonly bound: Bound,
	) {
		this.reader = new MarkdownLines(text);
	}

	cut(bodyStart: number, floor: number, limit: number): number {
		this.forgetBefore(Math.min(bodyStart, this.keepFrom ?? bodyStart));
		this.readPast(limit);
		const first = this.lineAt(bodyStart);
		const opening = this.lines[first];
		if (!opening) return limit;
		if (opening.kind === 'front' || isPieceOf(opening, bodyStart))
			return this.cutPiece(opening, first, floor, limit);
		const { content, level } = this.leadingHeadings(first);
		return (
			this.sectionEnd(content, level, floor, limit) ?? this.cutInSection(content, bodyStart, floor, limit)
		);
	}

	describe(bodyStart: number, end: number): Description {
		this.readPast(end);
		const first = this.lineAt(bodyStart);
		const { content } = this.leadingHeadings(first);
		let kind: Description['kind'] | undefined;
		for (let i = first; i < this.lines.length; i++) {
			const line = this.lines[i];
			if (!line || line.start >= end) break;
			if (line.kind === 'heading' && line.start >= bodyStart) this.enter(line, i < content);
			else if (line.kind !== 'blank')
				kind = joinKinds(kind, line.kind === 'front' || line.kind === 'heading' ? 'text' : line.kind);
		}
		const opening = this.lines[first];
		const described = {
			headings: this.titles,
			kind: kind ?? (content > first ? 'heading' : 'text'),
		} as const;
		this.titles = this.path.map(({ title }) => title);
		if (!opening?.header || !isPieceOf(opening, bodyStart)) return described;
		return opening.kind === 'table'
			? { ...described, tableHeader: opening.header }
			: { ...described, fence: opening.header };
	}

	overlapStart(start: number, bodyStart: number): number {
		this.keepFrom = this.fenceBehindFits(start, bodyStart)
			? this.afterTornFence(start, bodyStart)
			: bodyStart;
		return this.keepFrom;
	}

	/** A fence that begins the new text and fits a chunk must not be torn for want of room beside the overlap. */
	private fenceBehindFits(start: number, bodyStart: number): boolean {
		const line = this.lines[this.lineAt(bodyStart)];
		if (line?.kind !== 'code' || line.start !== bodyStart || line.block !== bodyStart) return true;
		const end = this.blockEnd(line);
		return end === undefined || this.bound.fits(start, end) || !this.bound.fits(bodyStart, end);
	}

	/** An overlap must not begin inside a fence that ends before the new text: its closing line would open one. */
	private afterTornFence(start: number, bodyStart: number): number {
		const inside = this.lines[this.lineAt(start)];
		if (inside?.kind !== 'code' || inside.block >= start) return start;
		if (this.lines[this.lineAt(bodyStart)]?.block === inside.block) return start;
		const behind = this.lines.find((line) => line.start > start && line.block !== inside.block);
		return behind && behind.start < bodyStart ? behind.start : bodyStart;
	}

	private enter(line: Line, leading: boolean): void {
		while ((this.path.at(-1)?.level ?? 0) >= line.level) this.path.pop();
		this.path.push({ level: line.level, title: line.title ?? '' });
		if (leading) this.titles = this.path.map(({ title }) => title);
	}

	/** The rest of a cut table or fence: to its end if that is in reach, else behind its last whole row or line. */
	private cutPiece(opening: Line, first: number, floor: number, limit: number): number {
		let last = floor;
		for (let i = first; i < this.lines.length; i++) {
			const line = this.lines[i];
			if (!line || line.start > limit) break;
			if (line.block !== opening.block && line.kind !== 'blank' && line.start > floor) return line.start;
			if (line.end <= limit) last = line.end;
		}
		if (limit >= this.text.length) return limit;
		return last > floor ? last : bestBreak(this.text, floor, limit).at;
	}

	/** The headings a chunk opens with belong to what follows them, and the last of them sets its depth. */
	private leadingHeadings(first: number): { content: number; level: number } {
		let level = this.path.at(-1)?.level ?? NO_LEVEL;
		let seen = false;
		let i = first;
		for (; i < this.lines.length; i++) {
			const line = this.lines[i];
			if (line?.kind === 'heading') {
				if (seen && line.level <= level) break;
				level = line.level;
				seen = true;
			} else if (line?.kind !== 'blank') break;
		}
		return { content: seen ? i : first, level };
	}

	/** Where the section ends, or where its first subsection starts if the whole is too large; undefined if out of reach. */
	private sectionEnd(content: number, level: number, floor: number, limit: number): number | undefined {
		let subsection: number | undefined;
		for (let i = content; i < this.lines.length; i++) {
			const line = this.lines[i];
			if (!line || line.start > limit) break;
			if (line.kind !== 'heading' || line.start <= floor) continue;
			if (line.level <= level) return line.start;
			subsection ??= line.start;
		}
		return limit >= this.text.length ? limit : subsection;
	}

	private cutInSection(content: number, bodyStart: number, floor: number, limit: number): number {
		const torn = this.tornStructure(limit);
		if (torn) return this.cutAtStructure(torn, content, floor, limit);
		const least = Math.max(floor + 1, bodyStart + (limit - bodyStart) * LEAST_SHARE);
		let block = -1;
		let item = -1;
		let itemLevel = Number.POSITIVE_INFINITY;
		for (let i = content + 1; i < this.lines.length; i++) {
			const line = this.lines[i];
			if (!line || line.start > limit) break;
			if (line.kind === 'blank' || line.block !== line.start || line.start < least) continue;
			if (line.kind !== 'list' || this.kindBefore(i) !== 'list') block = line.start;
			else if (line.level <= itemLevel) {
				item = line.start;
				itemLevel = line.level;
			}
		}
		if (block > 0) return block;
		return item > 0 ? item : this.cutInBlock(content, floor, limit);
	}

	/** Inside the block that `limit` falls into; before it if it has no place to cut. */
	private cutInBlock(content: number, floor: number, limit: number): number {
		const block = this.lines[this.lineAt(limit - 1)]?.block ?? 0;
		const from = Math.max(floor, block, this.lines[content]?.start ?? 0);
		const inside = bestBreak(this.text, from < limit ? from : floor, limit);
		return inside.rank === RANK.none && block > floor ? block : inside.at;
	}

	private kindBefore(index: number): Line['kind'] | undefined {
		let i = index - 1;
		while (i >= 0 && this.lines[i]?.kind === 'blank') i--;
		return this.lines[i]?.kind;
	}

	/** The fence or table that goes on behind `limit`. */
	private tornStructure(limit: number): Line | undefined {
		const index = this.lineAt(limit - 1);
		const line = this.lines[index];
		if (!line || (line.kind !== 'code' && line.kind !== 'table')) return undefined;
		return line.end > limit || this.lines[index + 1]?.block === line.block ? line : undefined;
	}

	/** Before the structure if it then stays whole, or if more than headings stands before it; else inside it. */
	private cutAtStructure(torn: Line, content: number, floor: number, limit: number): number {
		const start = torn.block;
		const headingsOnly = (this.lines[content]?.block ?? 0) >= start;
		if (start > floor && (!headingsOnly || this.fitsWhole(torn))) return start;
		let last = floor;
		for (const line of this.lines)
			if (line.block === start && line.end <= limit && line.end > last) last = line.end;
		return last > floor ? last : bestBreak(this.text, floor, limit).at;
	}

	private fitsWhole(torn: Line): boolean {
		const end = this.blockEnd(torn);
		return end !== undefined && this.bound.fits(torn.block, end);
	}

	/** End of the block that `line` is part of, blank lines behind it apart; undefined if no chunk can hold it. */
	private blockEnd(line: Line): number | undefined {
		let index = this.lineAt(line.start);
		let end = line.end;
		while (end - line.block <= this.bound.mostCharacters) {
			this.readPast(end);
			const next = this.lines[++index];
			if (!next || next.block !== line.block) return end;
			end = next.end;
		}
		return undefined;
	}

	/** Reads until the line behind the one at `index` is known. */
	private readPast(index: number): void {
		for (let last = this.lines.at(-1); !last || last.start <= index; ) {
			const line = this.reader.next();
			if (!line) return;
			this.lines.push(line);
			last = line;
		}
	}

	private forgetBefore(index: number): void {
		let gone = 0;
		while (gone < this.lines.length - 1 && (this.lines[gone]?.end ?? 0) <= index) gone++;
		if (gone > 0) this.lines.splice(0, gone);
	}

	/** Position in `lines` of the line that contains `index`. */
	private lineAt(index: number): number {
		let low = 0;
		let high = this.lines.length - 1;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.lines[middle]?.end ?? 0) <= index) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

/** The chunk starts inside a table or fence. */
function isPieceOf(line: Line, bodyStart: number): boolean {
	return (line.kind === 'code' || line.kind === 'table') && line.block < bodyStart;
}

function joinKinds(one: Description['kind'] | undefined, other: Description['kind']): Description['kind'] {
	return one === undefined || one === other ? other : 'text';
}
