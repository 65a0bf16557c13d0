const PROSE =
	'The harbour town wakes before the sun. Fishermen carry their nets to the boats, the baker opens the shutters, and the first tram rattles up the hill past the school. By noon the market is full of voices; people compare prices, exchange news and argue about the weather. In the evening the lights go on one after another, and the ferries bring the workers home from the islands. ';

/** About 1.3 tokens a word of English in the tokenizers of today. */
const TOKENS_PER_WORD = 1.3;

/** A prompt of about so many tokens that begins differently for every number, so that no prefix cache shortens the reading. */
export function measurePrompt(given: string | undefined, tokens: number, number: number): string {
	const head = `Note ${number + 2} of ${(number + 2) * 7919}. `;
	if (given !== undefined) return head + given;
	const words = PROSE.trim().split(' ');
	const count = Math.max(1, Math.round(tokens / TOKENS_PER_WORD) - 20);
	const text = Array.from({ length: count }, (_, i) => words[i % words.length]).join(' ');
	return `${head}${text} Continue this description with as much detail as you can.`;
}
