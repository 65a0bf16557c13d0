// Markdown of any size, the same for the same seed: documents of some 10,000 characters with headings, from a vocabulary of 5,000 words.
import { randomOf } from './random.mjs';

const VOCABULARY = 5_000;

const syllables =
	'ba ce di fo gu ha ki lo me nu pa ra si to ve wo ster ling ment tion port mark ship land'.split(' ');
const spelling = randomOf(7);
const words = Array.from({ length: VOCABULARY }, () =>
	Array.from(
		{ length: 1 + Math.floor(spelling() * 3) },
		() => syllables[Math.floor(spelling() * syllables.length)],
	).join(''),
);

export function markdownOf(seed, length = 10_000) {
	const random = randomOf(seed);
	// Squared: some words are frequent, most are rare, as in any language.
	const word = () => words[Math.floor(random() ** 2 * VOCABULARY)];
	const sentence = () => `${Array.from({ length: 8 + Math.floor(random() * 12) }, word).join(' ')}.`;
	const parts = [`# ${word()} ${word()}\n\n`];
	let size = parts[0].length;
	while (size < length) {
		const paragraph = `${Array.from({ length: 5 }, sentence).join(' ')}\n\n`;
		const part = random() < 0.3 ? `## ${word()} ${word()}\n\n${paragraph}` : paragraph;
		parts.push(part);
		size += part.length;
	}
	// One flat string: joining leaves none of the pieces to be flattened later, on somebody else's time.
	return parts.join('');
}

/** Documents of `megabytes` MB in all, made one by one as they are asked for. */
export function* corpusOf(megabytes, changed = () => false) {
	let size = 0;
	for (let number = 0; size < megabytes * 1e6; number++) {
		const text = markdownOf(number);
		size += text.length;
		yield { source: `corpus/${number}.md`, text: changed(number) ? `${text}A line more.\n` : text };
	}
}
