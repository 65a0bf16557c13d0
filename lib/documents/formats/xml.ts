import { DocumentError } from '../errors';

/** An element of an XML file, its name without prefix. */
export interface XmlElement {
	readonly name: string;
	/** With their prefixes. */
	readonly attributes: { readonly [name: string]: string };
	readonly children: Array<XmlElement | string>;
}

/** Elements open at once; real documents have some dozens. */
const MAX_DEPTH = 1_000;
/** Characters given to the parser at once. */
const STEP = 1 << 16;

export interface XmlOptions {
	/** Told of an element that is not closed, instead of an error. */
	readonly onUnclosed?: (name: string) => void;
	/**
	 * Called for each element when it is complete. Where it returns true the element was dealt with and is not kept, so that a
	 * long file is never in memory as a whole.
	 */
	readonly take?: (element: XmlElement, parents: readonly XmlElement[]) => boolean;
}

/** Reads XML into elements. @throws Error where an element is not closed */
export type ReadXml = (text: string, options?: XmlOptions) => XmlElement;

export async function loadXmlReader(): Promise<ReadXml> {
	const { Parser } = await import('htmlparser2');
	return (text, { take, onUnclosed } = {}) => {
		const root: XmlElement = { name: '', attributes: {}, children: [] };
		const open: XmlElement[] = [root];
		const unclosed = (name: string): void => {
			if (!onUnclosed) throw new Error(`its element "${name.slice(0, 100)}" is not closed`);
			onUnclosed(name);
		};
		const parser = new Parser(
			{
				onopentag: (name, attributes) => {
					// At once: the parser's own work grows with the square of the depth.
					if (open.length > MAX_DEPTH)
						throw new DocumentError(
							'unreadable',
							'The file is nested more than 1,000 levels deep. Open it in the program it comes from and save it again.',
						);
					open.push({ name: localName(name), attributes, children: [] });
				},
				ontext: (part) => {
					open.at(-1)?.children.push(part);
				},
				onclosetag: (name, implied) => {
					const element = open.pop();
					// An empty element (`<a/>`) is closed by itself too.
					if (implied && element && element.children.length > 0) unclosed(name);
					if (!element || open.length === 0) return;
					if (take?.(element, open) !== true) open.at(-1)?.children.push(element);
				},
			},
			{ xmlMode: true, decodeEntities: true },
		);
		for (let at = 0; at < text.length; at += STEP) parser.write(text.slice(at, at + STEP));
		if (open.length > 1) unclosed(open.at(-1)?.name ?? '');
		parser.end();
		return root;
	};
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The attribute of this name, whatever its prefix. */
export function attributeOf({ attributes }: XmlElement, name: string): string | undefined {
	if (name in attributes) return attributes[name];
	for (const [key, value] of Object.entries(attributes)) if (localName(key) === name) return value;
	return undefined;
}

export const elementsOf = ({ children }: XmlElement): XmlElement[] =>
	children.filter((child): child is XmlElement => typeof child !== 'string');

export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
	element && elementsOf(element).find((child) => child.name === name);

export const childrenOf = (element: XmlElement | undefined, name: string): XmlElement[] =>
	element ? elementsOf(element).filter((child) => child.name === name) : [];

/** All elements of this name below, in their order; not those within one another. */
export function descendantsOf(element: XmlElement, name: string): XmlElement[] {
	return elementsOf(element).flatMap((child) => (child.name === name ? [child] : descendantsOf(child, name)));
}

/** All text below. */
export function textIn(element: XmlElement): string {
	return element.children.map((child) => (typeof child === 'string' ? child : textIn(child))).join('');
}
