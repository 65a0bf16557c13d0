import { attributeOf, childOf, childrenOf, type XmlElement } from '../xml';

/** The list a paragraph belongs to, and how deep. */
export interface ListPlace {
	readonly list: string;
	readonly depth: number;
}

interface Style {
	readonly name: string;
	readonly basedOn: string | undefined;
	readonly properties: XmlElement | undefined;
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
			this.styles.set(attributeOf(element, 'styleId') ?? '', {
				name: (value('name') ?? '').toLowerCase(),
				basedOn: value('basedOn'),
				properties: childOf(element, 'pPr'),
			});
		}
	}

	/** The level of a heading, from 1; undefined for other paragraphs. */
	headingLevel(paragraph: XmlElement | undefined): number | undefined {
		const own = valueOf(childOf(paragraph, 'outlineLvl'));
		if (own !== undefined) return Number(own) < 9 ? Number(own) + 1 : undefined;
		for (const { name, properties } of this.chainOf(paragraph)) {
			const outline = valueOf(childOf(properties, 'outlineLvl'));
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
		const styles = this.chainOf(paragraph).flatMap(({ properties }) => childOf(properties, 'numPr') ?? []);
		const all = [...(own ? [own] : []), ...styles];
		const list = all.map((each) => valueOf(childOf(each, 'numId'))).find((id) => id !== undefined);
		const depth = all.map((each) => valueOf(childOf(each, 'ilvl'))).find((level) => level !== undefined);
		if (list === undefined || list === '0') return undefined;
		return { list, depth: Number(depth ?? 0) };
	}

	/** The list that a numbering style names. */
	listOfStyle(id: string): string | undefined {
		return valueOf(childOf(childOf(this.styles.get(id)?.properties, 'numPr'), 'numId'));
	}

	private chainOf(paragraph: XmlElement | undefined): Style[] {
		const chain: Style[] = [];
		let id = valueOf(childOf(paragraph, 'pStyle'));
		while (id !== undefined && chain.length < MAX_CHAIN) {
			// Some programs name styles that they do not describe.
			const name = id.toLowerCase().replace(/^heading(?=\d$)/, 'heading ');
			const style: Style = this.styles.get(id) ?? { name, basedOn: undefined, properties: undefined };
			chain.push(style);
			id = style.basedOn;
		}
		return chain;
	}
}

const valueOf = (element: XmlElement | undefined): string | undefined =>
	element && attributeOf(element, 'val');
