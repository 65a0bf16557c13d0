import { raisedText } from '../raised';
import { attributeOf, childOf, childrenOf, descendantsOf, elementsOf, textIn, type XmlElement } from '../xml';
import { equationText } from './math';

/** The DrawingML paragraphs of a shape. */
export const paragraphsOf = (shape: XmlElement): XmlElement[] => childrenOf(childOf(shape, 'txBody'), 'p');

/** The text of a DrawingML paragraph. */
export function paragraphText(paragraph: XmlElement): string {
	let text = '';
	for (const part of elementsOf(paragraph)) {
		if (part.name === 'br') text += '\n';
		else if (part.name === 'r' || part.name === 'fld') {
			const properties = childOf(part, 'rPr');
			const strike = properties && attributeOf(properties, 'strike');
			if (strike !== undefined && strike !== 'noStrike') continue;
			const run = textIn(childOf(part, 't') ?? { name: 't', attributes: {}, children: [] });
			const baseline = Number((properties && attributeOf(properties, 'baseline')) ?? 0);
			text += baseline > 0 ? raisedText(text, run) : run;
		} else if (part.name !== 'pPr' && part.name !== 'endParaRPr')
			text += descendantsOf(part, 'oMath').map(equationText).join(' ');
	}
	return text;
}
