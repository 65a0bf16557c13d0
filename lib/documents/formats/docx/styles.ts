import { attributeOf, childOf, childrenOf, type XmlElement } from '../xml';

/** The list a paragraph belongs to, and how deep. */
export interface ListPlace {
	readonly list: string;
	readonly depth: number;
}

interface Style {
	readonly name: string;
	readonly basedOn: string | undefined;
	/** The level of the outline, from 0; the list and the level of it that its paragraphs have. */
	readonly outline?: string | undefined;
	readonly list?: string | undefined;
	readonly listLevel?: string | undefined;
}

/** Styles that a style may be based on. */
const MAX_CHAIN = 20;

/** What the styles of a Word document say about paragraphs. */
export class Styles {
	private readonly styles = new Map<string, Style>();

	constructor(root: XmlElement | undefined) {
		for (const element of childrenOf(root, 'style')) {
			const value = (name: string): string | undefined => {
				const child = childOf(element, name);
				return child && attributeOf(child, 'val');
			};
			const properties = childOf(element, 'pPr');
			const list = childOf(properties, 'numPr');
			this.styles.set(attributeOf(element, 'styleId') ?? '', {
				name: (value('name') ?? '').toLowerCase(),
				basedOn: value('basedOn'),
				outline: valueOf(childOf(properties, 'outlineLvl')),
				list: valueOf(childOf(list, 'numId')),
				listLevel: valueOf(childOf(list, 'ilvl')),
			});
		}
	}

	/** The level of a heading, from 1; undefined for other paragraphs. */
	headingLevel(paragraph: XmlElement | undefined): number | undefined {
		const own = valueOf(childOf(paragraph, 'outlineLvl'));
		if (own !== undefined) return Number(own) < 9 ? Number(own) + 1 : undefined;
		for (const { name, outline } of this.chainOf(paragraph)) {
			if (outline !== undefined) return Number(outline) < 9 ? Number(outline) + 1 : undefined;
			const level = /^(?:heading|überschrift|titre|título|titolo) ?([1-9])$/.exec(name)?.[1];
			if (level !== undefined) return Number(level);
			if (name === 'title') return 1;
		}
		return undefined;
	}

	/** The list that the paragraph or its style names. */
	listOf(paragraph: XmlElement | undefined): ListPlace | undefined {
		const own = childOf(paragraph, 'numPr');
		const chain = this.chainOf(paragraph);
		const list = valueOf(childOf(own, 'numId')) ?? chain.find((style) => style.list !== undefined)?.list;
		const depth =
			valueOf(childOf(own, 'ilvl')) ?? chain.find((style) => style.listLevel !== undefined)?.listLevel;
		if (list === undefined || list === '0') return undefined;
		return { list, depth: Number(depth ?? 0) };
	}

	/** The list that a numbering style names. */
	listOfStyle(id: string): string | undefined {
		return this.styles.get(id)?.list;
	}

	private chainOf(paragraph: XmlElement | undefined): Style[] {
		const chain: Style[] = [];
		let id = valueOf(childOf(paragraph, 'pStyle'));
		while (id !== undefined && chain.length < MAX_CHAIN) {
			// Some programs name styles that they do not describe.
			const name = id.toLowerCase().replace(/^heading(?=\d$)/, 'heading ');
			const style: Style = this.styles.get(id) ?? { name, basedOn: undefined };
			chain.push(style);
			id = style.basedOn;
		}
		return chain;
	}
}

const valueOf = (element: XmlElement | undefined): string | undefined =>
	element && attributeOf(element, 'val');
