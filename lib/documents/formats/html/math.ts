/** An element of MathML, or its text. */
export interface MathNode {
	readonly name: string;
	readonly children: Array<MathNode | string>;
}

/** A formula as a line of text: `x=42`, `10^6`, `(a+b)/2`, `√(x)`. Of MathML 3's elements, by what they print. */
export function mathText(node: MathNode | string): string {
	if (typeof node === 'string') return node.replace(/\s+/g, ' ').trim();
	const parts = node.children.map(mathText).filter((part) => part !== '');
	const [first = '', second = '', third = ''] = parts;
	switch (node.name) {
		case 'mfrac':
			return `${grouped(first)}/${grouped(second)}`;
		case 'msup':
		case 'mover':
			return second === '' ? first : `${grouped(first)}^${grouped(second)}`;
		case 'msub':
		case 'munder':
			return second === '' ? first : `${first}_${grouped(second)}`;
		case 'msubsup':
		case 'munderover':
			return `${first}_${grouped(second)}^${grouped(third)}`;
		case 'msqrt':
			return `√(${parts.join('')})`;
		case 'mroot':
			return `${grouped(second)}√(${first})`;
		case 'mtr':
		case 'mlabeledtr':
			return parts.join(', ');
		case 'mtable':
			return parts.join('; ');
		case 'mfenced':
			return `(${parts.join(', ')})`;
		case 'mtext':
			return ` ${parts.join('')} `;
		// What a formula says in another notation.
		case 'annotation':
		case 'annotation-xml':
			return '';
		default:
			return parts.join('');
	}
}

const grouped = (text: string): string => (/^[\p{L}\p{N}.]*$/u.test(text) ? text : `(${text})`);
