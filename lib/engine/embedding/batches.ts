/** A span of the texts that goes into one request. */
export interface Batch {
	readonly start: number;
	readonly end: number;
}

/** Cuts the texts into requests: at most `size` texts and `tokens` tokens each; a text above `tokens` goes alone. */
export function planBatches(
	texts: readonly string[],
	size: number,
	tokens: number,
	count: (text: string) => number,
): Batch[] {
	const batches: Batch[] = [];
	let start = 0;
	let sum = 0;
	for (let i = 0; i < texts.length; i++) {
		const length = count(texts[i] ?? '');
		if (i > start && (i - start >= size || sum + length > tokens)) {
			batches.push({ start, end: i });
			start = i;
			sum = 0;
		}
		sum += length;
	}
	if (texts.length > start) batches.push({ start, end: texts.length });
	return batches;
}
