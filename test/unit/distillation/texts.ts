import { seededRandom } from '../../../lib/support';

/** Seeded random numbers and texts of random words: the same seed gives the same texts. */
export function textMaker(seed: number): {
	readonly text: (words: number) => string;
	readonly random: () => number;
} {
	const random = seededRandom(seed);
	const vocabulary = Array.from(
		{ length: 3000 },
		(_, number) => `w${((number * 7919) % 100003).toString(36)}`,
	);
	const text = (words: number) =>
		Array.from({ length: words }, () => vocabulary[Math.floor(random() * vocabulary.length)]).join(' ');
	return { text, random };
}
