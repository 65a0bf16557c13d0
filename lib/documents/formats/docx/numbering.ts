import { attributeOf, childOf, childrenOf, type XmlElement } from '../xml';

interface Level {
	readonly start: number;
	readonly format: string;
	/** `%1.%2.` */
	readonly text: string;
	/** Whether the levels above are printed in figures whatever their own format. */
	readonly isLegal: boolean;
	/** Starts again after a level at most as deep as this one (0: never). */
	readonly restart: number | undefined;
}

/** Levels that Word knows. */
const LEVELS = 9;

/**
 * Counts the automatic numbers of a Word document as Word prints them (ECMA-376, part 1, 17.9). Paragraphs must be asked for in
 * their order.
 */
export class Numbering {
	private readonly abstracts = new Map<string, XmlElement>();
	private readonly numbers = new Map<string, XmlElement>();
	/** By abstract list: what each level has counted to. */
	private readonly counts = new Map<string, Array<number | undefined>>();
	private readonly started = new Set<string>();
	/** What was found for a list, and for a level of one: it is asked for with each paragraph. */
	private readonly abstractIds = new Map<string, string | undefined>();
	private readonly levels = new Map<string, Level | undefined>();

	/** @param listOfStyle the list that a numbering style names */
	constructor(
		root: XmlElement | undefined,
		private readonly listOfStyle: (style: string) => string | undefined,
	) {
		for (const element of childrenOf(root, 'abstractNum')) {
			this.abstracts.set(attributeOf(element, 'abstractNumId') ?? '', element);
		}
		for (const element of childrenOf(root, 'num'))
			this.numbers.set(attributeOf(element, 'numId') ?? '', element);
	}

	/** What Word prints before the next paragraph of this list: `3.`, `1.2`, `a)`, or a dash for a bullet; empty for nothing. */
	next(list: string, depth: number): string {
		const number = this.numbers.get(list);
		if (!this.abstractIds.has(list)) this.abstractIds.set(list, this.abstractOf(list));
		const abstractId = this.abstractIds.get(list);
		if (!number || abstractId === undefined) return '-';
		const at = Math.min(Math.max(depth, 0), LEVELS - 1);
		const levelAt = (each: number): Level | undefined => {
			const key = `${each} ${list}`;
			if (!this.levels.has(key)) this.levels.set(key, this.level(number, abstractId, each));
			return this.levels.get(key);
		};
		const level = levelAt(at);
		if (!level) return '-';
		const counts = this.counts.get(abstractId) ?? [];
		this.counts.set(abstractId, counts);
		this.restartOnce(list, number, counts);
		counts[at] = counts[at] === undefined ? level.start : counts[at] + 1;
		for (let deeper = at + 1; deeper < LEVELS; deeper++) {
			const restart = levelAt(deeper)?.restart;
			if (restart === undefined || (restart > 0 && at < restart)) counts[deeper] = undefined;
		}
		if (level.format === 'bullet') return '-';
		if (level.format === 'none') return '';
		return level.text.replace(/%([1-9])/g, (_, digit: string) => {
			const upper = Number(digit) - 1;
			const of = levelAt(upper);
			const count = counts[upper] ?? of?.start ?? 1;
			return formatted(count, level.isLegal ? 'decimal' : (of?.format ?? 'decimal'));
		});
	}

	/** A list that begins at a number of its own sets the count once. */
	private restartOnce(list: string, number: XmlElement, counts: Array<number | undefined>): void {
		if (this.started.has(list)) return;
		this.started.add(list);
		for (const override of childrenOf(number, 'lvlOverride')) {
			const start = childOf(override, 'startOverride');
			const at = Number(attributeOf(override, 'ilvl') ?? 0);
			if (start) counts[at] = Number(attributeOf(start, 'val') ?? 1) - 1;
		}
	}

	private abstractOf(list: string, depth = 0): string | undefined {
		const number = this.numbers.get(list);
		const id = number && childOf(number, 'abstractNumId');
		const abstractId = id && attributeOf(id, 'val');
		const linked =
			abstractId === undefined ? undefined : childOf(this.abstracts.get(abstractId), 'numStyleLink');
		const style = linked && attributeOf(linked, 'val');
		const other = style === undefined ? undefined : this.listOfStyle(style);
		if (other === undefined || other === list || depth > 5) return abstractId;
		return this.abstractOf(other, depth + 1);
	}

	private level(number: XmlElement, abstractId: string, at: number): Level | undefined {
		const isLevel = (element: XmlElement): boolean => attributeOf(element, 'ilvl') === String(at);
		const override = childrenOf(number, 'lvlOverride').find(isLevel);
		const element =
			childOf(override, 'lvl') ?? childrenOf(this.abstracts.get(abstractId), 'lvl').find(isLevel);
		if (!element) return undefined;
		const value = (name: string): string | undefined => {
			const child = childOf(element, name);
			return child && attributeOf(child, 'val');
		};
		const restart = value('lvlRestart');
		return {
			start: Number(value('start') ?? 1),
			format: value('numFmt') ?? 'decimal',
			text: value('lvlText') ?? '',
			isLegal: childOf(element, 'isLgl') !== undefined,
			restart: restart === undefined ? undefined : Number(restart),
		};
	}
}

/** A number as Word prints it in one of its formats (ECMA-376, part 1, 17.18.59); rare ones as figures. */
export function formatted(number: number, format: string): string {
	switch (format) {
		case 'lowerLetter':
			return letters(number);
		case 'upperLetter':
			return letters(number).toUpperCase();
		case 'lowerRoman':
			return roman(number).toLowerCase();
		case 'upperRoman':
			return roman(number);
		case 'decimalZero':
			return String(number).padStart(2, '0');
		case 'bullet':
		case 'none':
			return '';
		default:
			return String(number);
	}
}

/** a … z, aa, bb: Word doubles the letter. */
function letters(number: number): string {
	if (number < 1) return String(number);
	return String.fromCharCode(97 + ((number - 1) % 26)).repeat(Math.min(Math.ceil(number / 26), 100));
}

const ROMAN: ReadonlyArray<readonly [number, string]> = [
	...([
		[1000, 'M'],
		[900, 'CM'],
		[500, 'D'],
		[400, 'CD'],
		[100, 'C'],
		[90, 'XC'],
		[50, 'L'],
	] as const),
	...([
		[40, 'XL'],
		[10, 'X'],
		[9, 'IX'],
		[5, 'V'],
		[4, 'IV'],
		[1, 'I'],
	] as const),
];

function roman(number: number): string {
	if (number < 1 || number > 9999) return String(number);
	let rest = number;
	let text = '';
	for (const [value, sign] of ROMAN) {
		while (rest >= value) {
			text += sign;
			rest -= value;
		}
	}
	return text;
}
