/** Seeded random numbers (mulberry32) and texts of random words: the same seed gives the same texts. */
export function textMaker(seed: number): {
	readonly text: (words: number) => string;
	readonly random: () => number;
} {
	let state = seed;
	const random = () => {
		state = (state + 0x6d2b79f5) | 0;
		let value = Math.imul(state ^ (state >>> 15), 1 | state);
		value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
		return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
	};
	const vocabulary = Array.from(
		{ length: 3000 },
		(_, number) => `w${((number * 7919) % 100003).toString(36)}`,
	);
	const text = (words: number) =>
		Array.from({ length: words }, () => vocabulary[Math.floor(random() * vocabulary.length)]).join(' ');
	return { text, random };
}
