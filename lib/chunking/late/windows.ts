import { estimateTokens } from '../../support';
import { boundaryAtOrAfter, boundaryAtOrBefore } from '../graphemes';
import type { Chunk, CountTokens } from '../types';

/** A stretch of the text that is encoded in one go, and the chunks whose vectors are taken from it. */
export interface MacroWindow {
	readonly start: number;
	readonly end: number;
	readonly chunks: readonly Chunk[];
	/** Even the chunk alone is longer than the encoder reads. */
	readonly tooLong: boolean;
}

/** On the safe side where no tokenizer is at hand: an encoder refuses or cuts what is longer than it reads. */
const ESTIMATE_MARGIN = 1.6;
/** Of English text, by the same margin. */
const CHARACTERS_PER_TOKEN = 2.5;

/**
 * Groups neighbouring chunks into windows of at most `maxTokens`, each with `overlapTokens` of the text before and
 * behind its chunks, so that no chunk is read without its surroundings.
 */
export async function* macroWindows(
	text: string,
	chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
	countTokens: CountTokens | undefined,
	bounds: { readonly maxTokens: number; readonly overlapTokens: number },
): AsyncGenerator<MacroWindow> {
	const { maxTokens, overlapTokens } = bounds;
	const margin = Math.ceil(overlapTokens * CHARACTERS_PER_TOKEN);
	const count = countTokens ?? ((part: string) => Math.ceil(ESTIMATE_MARGIN * estimateTokens(part)) + 2);
	const span = (group: readonly Chunk[], around: number): { start: number; end: number } => {
		const first = group[0]?.start ?? 0;
		const last = Math.max(...group.map(({ end }) => end));
		return {
			start:
				around === 0
					? first
					: boundaryAtOrAfter(text, Math.max(0, first - around), Math.max(0, first - around - 64)),
			end: around === 0 ? last : boundaryAtOrBefore(text, Math.min(text.length, last + around), last),
		};
	};
	const fits = ({ start, end }: { start: number; end: number }): boolean =>
		count(text.slice(start, end)) <= maxTokens;
	const close = (group: readonly Chunk[]): MacroWindow => {
		for (let around = margin; around >= 1; around = Math.floor(around / 2)) {
			const window = span(group, around);
			if (fits(window)) return { ...window, chunks: group, tooLong: false };
		}
		const window = span(group, 0);
		return { ...window, chunks: group, tooLong: !fits(window) };
	};

	let group: Chunk[] = [];
	for await (const chunk of chunks) {
		if (group.length > 0 && !fits(span([...group, chunk], margin))) {
			yield close(group);
			group = [];
		}
		group.push(chunk);
	}
	if (group.length > 0) yield close(group);
}
