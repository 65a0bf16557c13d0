/** Bytes of UTF-8 per token: what English text averages with the vocabularies of today's models (GPT-4's: 4.0 to 4.5). */
const BYTES_PER_TOKEN = 4;

/**
 * Tokens of a text where no tokenizer is at hand: a quarter of its bytes in UTF-8, rounded up. Bytes, because scripts other
 * than Latin take more tokens per character, as they take more bytes: by characters, Japanese would come to a third.
 */
export function estimateTokens(text: string): number {
	return tokensOfBytes(Buffer.byteLength(text));
}

/** The same estimate for text whose length in bytes is known. */
export function tokensOfBytes(bytes: number): number {
	return Math.ceil(bytes / BYTES_PER_TOKEN);
}
