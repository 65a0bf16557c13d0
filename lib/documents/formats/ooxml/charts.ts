import { childOf, childrenOf, descendantsOf, textIn, type XmlElement } from '../xml';

/** Values of a series that are written; a chart with more shows a shape, not figures. */
const MAX_VALUES = 200;

/** A chart as lines: its title, then each series with its values: `Sales: Q1 12, Q2 15`. */
export function chartLines(root: XmlElement): string[] {
	const [chart] = root.name === 'chart' ? [root] : descendantsOf(root, 'chart');
	const title = childOf(chart, 'title');
	const lines = title ? [descendantsOf(title, 't').map(textIn).join('')] : [];
	for (const series of descendantsOf(root, 'ser')) {
		const name = pointsOf(childOf(series, 'tx')).join(' ');
		const categories = pointsOf(childOf(series, 'cat') ?? childOf(series, 'xVal'));
		const values = pointsOf(childOf(series, 'val') ?? childOf(series, 'yVal')).slice(0, MAX_VALUES);
		const figures = values.map((value, at) => `${categories[at] ?? ''} ${value}`.trim()).join(', ');
		lines.push(name === '' ? figures : `${name}: ${figures}`);
	}
	return lines.filter((line) => line.trim() !== '');
}

/** The values stored with a reference to cells. */
function pointsOf(reference: XmlElement | undefined): string[] {
	if (!reference) return [];
	return descendantsOf(reference, 'pt').map((point) => childrenOf(point, 'v').map(textIn).join(''));
}
