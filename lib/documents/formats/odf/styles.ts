import { formatted } from '../docx/numbering';
import { attributeOf, childOf, elementsOf, type XmlElement } from '../xml';

interface Level {
	readonly isBullet: boolean;
	/** As in HTML: 1, a, A, i, I; empty for no number. */
	readonly format: string;
	readonly prefix: string;
	readonly suffix: string;
	readonly start: number;
	/** How many levels are printed: 1.2.3 */
	readonly shown: number;
}

const FORMATS: ReadonlyMap<string, string> = new Map([
	['a', 'lowerLetter'],
	['A', 'upperLetter'],
	['i', 'lowerRoman'],
	['I', 'upperRoman'],
]);

/** What the styles of an OpenDocument file say: struck-through and raised text, and how lists and headings are numbered. */
export class OdfStyles {
	private readonly struck = new Set<string>();
	private readonly raised = new Set<string>();
	private readonly lists = new Map<string, Level[]>();
	private outline: Level[] = [];
	private readonly counts = new Map<string, number[]>();

	/** @param groups `automatic-styles` and `styles` of the file's parts */
	constructor(groups: ReadonlyArray<XmlElement | undefined>) {
		for (const style of groups.flatMap((group) => (group ? elementsOf(group) : []))) this.add(style);
	}

	private add(style: XmlElement): void {
		const name = attributeOf(style, 'name') ?? '';
		if (style.name === 'list-style') this.lists.set(name, levelsOf(style));
		if (style.name === 'outline-style') this.outline = levelsOf(style);
		if (style.name !== 'style') return;
		const text = childOf(style, 'text-properties');
		if (!text) return;
		const line = attributeOf(text, 'text-line-through-style') ?? attributeOf(text, 'text-line-through-type');
		if (line !== undefined && line !== 'none') this.struck.add(name);
		const position = attributeOf(text, 'text-position') ?? '';
		if (/^(?:super|[1-9])/.test(position)) this.raised.add(name);
	}

	isStruck(style: string | undefined): boolean {
		return style !== undefined && this.struck.has(style);
	}

	isRaised(style: string | undefined): boolean {
		return style !== undefined && this.raised.has(style);
	}

	/** A list begins: its numbers begin anew, unless it goes on with the one before. */
	beginList(style: string, goesOn: boolean): void {
		if (!goesOn) this.counts.delete(style);
	}

	/** What stands before the next item. @param depth from 1 */
	item(style: string, depth: number, start?: number): string {
		return this.next(style, this.lists.get(style) ?? [], depth, start) ?? '-';
	}

	/** The number before the next heading of this level, or nothing. */
	heading(level: number): string {
		const number = this.next('', this.outline, level);
		return number === undefined || number === '-' ? '' : number;
	}

	private next(key: string, levels: readonly Level[], depth: number, start?: number): string | undefined {
		const level = levels[depth - 1];
		if (!level || level.isBullet) return undefined;
		const counts = this.counts.get(key) ?? [];
		this.counts.set(key, counts);
		counts.length = Math.min(counts.length, depth);
		counts[depth - 1] = start ?? (counts[depth - 1] ?? level.start - 1) + 1;
		if (level.format === '') return '';
		const first = Math.max(depth - level.shown, 0);
		const numbers = levels.slice(first, depth).map((each, at) => {
			const count = counts[first + at] ?? each.start;
			return formatted(count, FORMATS.get(each.format) ?? 'decimal');
		});
		return level.prefix + numbers.join('.') + level.suffix;
	}
}

function levelsOf(style: XmlElement): Level[] {
	const levels: Level[] = [];
	for (const element of elementsOf(style)) {
		const depth = Number(attributeOf(element, 'level') ?? 1);
		if (depth < 1 || depth > 20) continue;
		levels[depth - 1] = {
			isBullet: !/number|outline/.test(element.name),
			format: attributeOf(element, 'num-format') ?? '',
			prefix: attributeOf(element, 'num-prefix') ?? '',
			suffix: attributeOf(element, 'num-suffix') ?? '',
			start: Number(attributeOf(element, 'start-value') ?? 1) || 1,
			shown: Number(attributeOf(element, 'display-levels') ?? 1) || 1,
		};
	}
	return levels;
}
