import { ChunkingError } from './errors';
import { boundaryAtOrAfter, boundaryAtOrBefore } from './graphemes';
import type { ResolvedOptions } from './options';
import type { CountTokens } from './types';

/** Lengths of spans of one text, in characters or tokens. Every index handed in or out is a grapheme boundary. */
export interface Measure {
	/** The largest end such that [start, end) is within `size`, looked for above `floor` ≥ start; `floor` if there is none. */
	reach(start: number, floor: number, size: number): number;
	/** The smallest start in [least, end] such that [start, end) is within `size`. */
	reachBack(end: number, least: number, size: number): number;
	/** Tokens of [start, end); undefined where the unit is characters. */
	tokens(start: number, end: number): number | undefined;
	/** Exact, recounted: is [start, end) within `size`? */
	fits(start: number, end: number, size: number): boolean;
}

/**
 * @param exact `reach` finds the very last place that fits; otherwise it may stop up to 3 % short in tokens, which saves
 *   counting where a better place to cut is looked for below the limit anyway. Characters are always exact.
 */
export function createMeasure(text: string, options: ResolvedOptions, exact: boolean): Measure {
	return options.countTokens ? new TokenMeasure(text, options.countTokens, exact) : characterMeasure(text);
}

function characterMeasure(text: string): Measure {
	return {
		reach: (start, floor, size) =>
			start + size <= floor ? floor : boundaryAtOrBefore(text, Math.min(start + size, text.length), floor),
		reachBack: (end, least, size) => boundaryAtOrAfter(text, Math.max(end - size, least), least),
		tokens: () => undefined,
		fits: (start, end, size) => end - start <= size,
	};
}

/**
 * A chunk never has more characters per token than this on average, whatever the tokenizer says: WordPiece counts an
 * unbroken run of any length (base64, minified code) as one unknown token, and a 50 MB "token" is no chunk. English
 * has 4–5 characters a token.
 */
export const MAX_CHARACTERS_PER_TOKEN = 24;

/**
 * Counts are neither additive nor monotone, so nothing is summed: places are guessed from the characters per token seen
 * so far and corrected by counting the very span in question, two to four times a chunk.
 */
class TokenMeasure implements Measure {
	private charactersPerToken = 4;

	constructor(
		private readonly text: string,
		private readonly countTokens: CountTokens,
		private readonly exact: boolean,
	) {}

	tokens(start: number, end: number): number {
		const count = this.countTokens(this.text.slice(start, end));
		if (!Number.isFinite(count) || count < 0) {
			throw new ChunkingError(
				'badService',
				`countTokens returned ${String(count)}; it must return a count of tokens.`,
			);
		}
		return count;
	}

	fits(start: number, end: number, size: number): boolean {
		return end - start <= size * MAX_CHARACTERS_PER_TOKEN && this.tokens(start, end) <= size;
	}

	reach(start: number, floor: number, size: number): number {
		const { text } = this;
		const most = Math.min(text.length, start + size * MAX_CHARACTERS_PER_TOKEN);
		return this.search(floor, most, size, {
			length: (at) => at - start,
			place: (length) => start + length,
			count: (at) => this.tokens(start, at),
			snap: (at, low) => boundaryAtOrBefore(text, at, low),
			next: (low) => boundaryAtOrAfter(text, low + 1, low),
		});
	}

	reachBack(end: number, least: number, size: number): number {
		const { text } = this;
		if (size <= 0) return end;
		const most = Math.max(least, end - size * MAX_CHARACTERS_PER_TOKEN);
		// Mirror of `reach`: positions are negated so that "further" is always "larger".
		const found = this.search(-end, -most, size, {
			length: (at) => at + end,
			place: (length) => length - end,
			count: (at) => this.tokens(-at, end),
			snap: (at, low) => Math.max(low, -boundaryAtOrAfter(text, -at, least)),
			next: (low) => -boundaryAtOrBefore(text, -low - 1, least),
		});
		return -found;
	}

	/** The furthest place in (low, most] whose span counts within `size`, by guesses that close in; `low` if none. */
	private search(
		low: number,
		most: number,
		size: number,
		span: {
			length(at: number): number;
			place(length: number): number;
			count(at: number): number;
			snap(at: number, low: number): number;
			next(low: number): number;
		},
	): number {
		const slack = this.exact ? 0 : Math.floor(size * 0.03);
		let best = low;
		let high = most + 1;
		let guess = span.place(Math.floor(size * this.charactersPerToken));
		for (let round = 0; best < most; round++) {
			const wanted = Math.min(Math.max(guess, best + 1), high - 1, most);
			let at = span.snap(wanted, best);
			if (at <= best) {
				at = span.next(best);
				if (at >= high || at > most) break;
			}
			const count = span.count(at);
			if (count > 0)
				this.charactersPerToken = Math.min(MAX_CHARACTERS_PER_TOKEN, Math.max(0.25, span.length(at) / count));
			const missing = Math.trunc((size - count) * this.charactersPerToken);
			if (count <= size) {
				best = at;
				if (!this.exact && size - count <= slack) break;
				// Steps at least double, so that a counter that does not move (one huge word) costs a logarithm, not a walk.
				guess = at + Math.max(missing, 2 ** round);
			} else {
				high = at;
				guess = at + Math.min(missing, -1);
			}
			// Guessing has had its chance after three rounds; halving ends surely.
			if (high <= most && round >= 3) guess = Math.floor((best + high) / 2);
		}
		return best;
	}
}
