/** Numbers as people write them: 2–5, 7, 9–10. */
export function ranges(numbers: readonly number[]): string {
	const parts: Array<[number, number]> = [];
	for (const number of numbers) {
		const last = parts.at(-1);
		if (last && last[1] === number - 1) last[1] = number;
		else parts.push([number, number]);
	}
	return parts.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

/** "Page 2 holds", "Pages 2–5 hold". */
export const pagesAre = (numbers: readonly number[], one: string, several: string): string =>
	numbers.length === 1 ? `Page ${numbers[0]} ${one}` : `Pages ${ranges(numbers)} ${several}`;
