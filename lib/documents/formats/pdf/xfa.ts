/** Elements of XFA's pages whose text is not seen. */
const UNSEEN = new Set(['style', 'script']);
/** Elements that are lines of their own. */
const LINES = new Set(['div', 'p', 'li', 'tr', 'label']);

/** The text of a page of an XFA form, as pdf.js lays it out: labels and what was typed into fields. */
export function xfaText(page: unknown): string {
	const parts: string[] = [];
	const visit = (node: unknown, depth: number): void => {
		if (typeof node !== 'object' || node === null || depth > 500) return;
		const { name, value, attributes, children } = node as {
			readonly [key: string]: unknown;
		};
		if (typeof name === 'string' && UNSEEN.has(name)) return;
		if (typeof value === 'string') parts.push(value);
		const typed =
			typeof attributes === 'object' && attributes !== null && 'value' in attributes
				? attributes.value
				: undefined;
		if (typeof typed === 'string' && name !== 'option') parts.push(` ${typed} `);
		if (Array.isArray(children)) for (const child of children) visit(child, depth + 1);
		if (typeof name === 'string' && LINES.has(name)) parts.push('\n');
	};
	visit(page, 0);
	return parts
		.join('')
		.split('\n')
		.map((line) => line.replace(/\s+/g, ' ').trim())
		.filter((line) => line !== '')
		.join('\n');
}
