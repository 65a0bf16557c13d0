/** A sentence of a passage that may be quoted in an answer. */
export interface Sentence {
	readonly text: string;
	/** Position of its passage. */
	readonly passage: number;
	/** Position within its passage. */
	readonly order: number;
}

const SHORTEST = 12;
const LONGEST = 600;

/** Cuts passages into quotable sentences: prose by Unicode's sentence rules, and never across lines of lists and headings. */
export function sentencesOf(passages: readonly { readonly text: string }[]): Sentence[] {
	const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
	const sentences: Sentence[] = [];
	passages.forEach(({ text }, passage) => {
		let order = 0;
		for (const block of blocksOf(text)) {
			for (const { segment } of segmenter.segment(block)) {
				const sentence = segment.replace(/\s+/g, ' ').trim();
				if (sentence.length >= SHORTEST && /\p{L}/u.test(sentence)) {
					sentences.push({ text: sentence.slice(0, LONGEST), passage, order: order++ });
				}
			}
		}
	});
	return sentences;
}

/** Lines that go on in the next are joined (prose is wrapped); headings, list items, table rows and blank lines end a block. */
function blocksOf(text: string): string[] {
	const blocks: string[] = [];
	let open = '';
	for (const raw of text.split(/\r?\n/)) {
		const line = raw.trim();
		const alone = line === '' || /^(?:#{1,6}\s|\||```|---)/.test(line);
		if (alone || /^(?:[-*+]|\d+[.)])\s/.test(line)) {
			if (open !== '') blocks.push(open);
			open = '';
		}
		if (line === '' || /^(?:#{1,6}\s|```|---|\|?[\s|:-]+\|?$)/.test(line)) continue;
		if (line.startsWith('|')) {
			blocks.push(
				line
					.split('|')
					.map((cell) => cell.trim())
					.join(' ')
					.trim(),
			);
			continue;
		}
		open = open === '' ? line.replace(/^(?:[-*+]|\d+[.)])\s+/, '') : `${open} ${line}`;
	}
	if (open !== '') blocks.push(open);
	return blocks;
}
