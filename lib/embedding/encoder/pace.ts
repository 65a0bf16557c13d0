/** The first texts are slower than all others: code is compiled meanwhile. */
const WARM_UP = 2;
/** What was measured longer ago than for so many tokens counts for less and less. */
const REMEMBERED_TOKENS = 20_000;

/** Measures how fast a model computes, and how many characters a token has, to say beforehand how long texts will take. */
export class Pace {
	private texts = 0;
	private tokens = 0;
	private ms = 0;
	private charactersPerToken = 4;

	/** A text was computed. @param tokens special ones included */
	computed(tokens: number, ms: number): void {
		if (++this.texts <= WARM_UP) return;
		if (this.tokens > REMEMBERED_TOKENS) {
			this.tokens /= 2;
			this.ms /= 2;
		}
		this.tokens += tokens;
		this.ms += ms;
	}

	/** A text was cut into tokens. */
	read(characters: number, tokens: number): void {
		if (tokens < 10) return;
		this.charactersPerToken += (characters / tokens - this.charactersPerToken) / 20;
	}

	/** Milliseconds that one process needs for texts of so many characters; undefined before it was measured. */
	msFor(characters: number): number | undefined {
		if (this.tokens === 0) return undefined;
		return (characters / this.charactersPerToken) * (this.ms / this.tokens);
	}
}
