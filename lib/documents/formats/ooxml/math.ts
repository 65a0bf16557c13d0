import { attributeOf, childOf, childrenOf, elementsOf, textIn, type XmlElement } from '../xml';

/** An equation of Office (ECMA-376, part 1, 22.1) as a line of text: `x=42`, `(a+b)/2`, `√(x)`, `10^6`. */
export function equationText(element: XmlElement | string | undefined): string {
	if (element === undefined) return '';
	if (typeof element === 'string') return element;
	const part = (name: string): string => equationText(childOf(element, name));
	switch (element.name) {
		case 't':
			return textIn(element);
		case 'f':
			return `${grouped(part('num'))}/${grouped(part('den'))}`;
		case 'sSup':
			return `${grouped(part('e'))}^${grouped(part('sup'))}`;
		case 'sSub':
			return `${part('e')}_${grouped(part('sub'))}`;
		case 'sSubSup':
			return `${part('e')}_${grouped(part('sub'))}^${grouped(part('sup'))}`;
		case 'rad': {
			const degree = part('deg');
			return `${degree === '' ? '' : grouped(degree)}√(${part('e')})`;
		}
		case 'd':
			return `(${childrenOf(element, 'e').map(equationText).join(', ')})`;
		case 'nary': {
			const properties = childOf(element, 'naryPr');
			const sign = properties && childOf(properties, 'chr');
			const [sub, sup] = [part('sub'), part('sup')];
			const limits = `${sub === '' ? '' : `_${grouped(sub)}`}${sup === '' ? '' : `^${grouped(sup)}`}`;
			return `${(sign && attributeOf(sign, 'val')) ?? '∫'}${limits} ${part('e')}`;
		}
		case 'm':
			return `(${childrenOf(element, 'mr')
				.map((row) => childrenOf(row, 'e').map(equationText).join(', '))
				.join('; ')})`;
		case 'limLow':
			return `${part('e')}_${grouped(part('lim'))}`;
		case 'limUpp':
			return `${part('e')}^${grouped(part('lim'))}`;
		default:
			return element.name.endsWith('Pr') ? '' : elementsOf(element).map(equationText).join('');
	}
}

const grouped = (text: string): string => (/^[\p{L}\p{N}.]*$/u.test(text) ? text : `(${text})`);
