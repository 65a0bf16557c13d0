import { createSlicer } from '../../support';
import { bestBreak } from '../breaks';
import { ChunkingError, stopIfCancelled } from '../errors';
import type { ResolvedOptions } from '../options';
import type { Cutter } from '../spans';
import type { ChunkServices } from '../types';
import { breakpoints, THRESHOLD_AMOUNT } from './breakpoints';
import { CLUSTER_AMOUNT, clusterEnds } from './clusters';
import { joinedSentences, type Piece, sentencePieces } from './pieces';
import { embeddedVectors, tableVectors, type VectorsOf } from './vectors';

/** Pieces have at least 25 tokens, half of those of the Chroma study; 25 tokens of English are 110 characters. */
const PIECE_CHARACTERS = 110;
const PIECE_TOKENS = 25;
/** A sentence longer than so many pieces is taken apart. */
const LONGEST_SENTENCE = 8;
/**
 * Pieces whose vectors are held at a time, and over which means and percentiles are taken: 300 kB of text, 2 MB of
 * vectors, 10 ms of tokenizing. A longer text is done in stretches; the open end of one goes on in the next.
 */
const STRETCH = 2048;

/**
 * Finds where a text changes its subject, by the vectors of its pieces.
 * @returns a cutter that cuts there, and like `recursive` inside stretches larger than the bound
 * @throws ChunkingError `missingService` without `embed` or `tokenRows`, `badService` when they return rubbish
 */
export async function semanticCutter(
	text: string,
	options: ResolvedOptions,
	services: ChunkServices,
): Promise<Cutter> {
	const ends = await semanticEnds(text, options, services);
	let next = 0;
	return {
		cut(_bodyStart, floor, limit) {
			while (next < ends.length && (ends[next] ?? 0) <= floor) next++;
			const end = ends[next] ?? text.length;
			if (end <= limit) return end;
			return limit >= text.length ? limit : bestBreak(text, floor, limit).at;
		},
	};
}

async function semanticEnds(
	text: string,
	options: ResolvedOptions,
	services: ChunkServices,
): Promise<number[]> {
	const { strategy = 'cluster', threshold = 'percentile', buffer = 1, amount } = options.semantic;
	const vectorsOf = vectorSource(text, services);
	const turn = createSlicer();
	const size = pieceSize(text, options);
	const most = size * LONGEST_SENTENCE;
	const source = strategy === 'cluster' ? joinedSentences(text, size, most) : sentencePieces(text, most);
	const room = options.size - options.overlap;
	const ends: number[] = [];
	let held: Piece[] = [];
	for (let done = false; !done; ) {
		while (held.length < STRETCH) {
			const piece = source.next();
			if (piece.done) {
				done = true;
				break;
			}
			held.push(piece.value);
			await turn();
		}
		if (held.length === 0) break;
		stopIfCancelled(services);
		const vectors = await vectorsOf(held, strategy === 'cluster' ? 0 : buffer);
		const found =
			strategy === 'cluster'
				? clusterEnds(vectors, lengthsOf(text, held, options), room, amount ?? CLUSTER_AMOUNT)
				: breakpoints(vectors, threshold, amount ?? THRESHOLD_AMOUNT[threshold]);
		// The last segment may go on in the next stretch, unless it is the whole of this one.
		const kept = done || found.length < 2 ? found : found.slice(0, -1);
		for (const last of kept) ends.push(held[last]?.end ?? text.length);
		held = held.slice((kept.at(-1) ?? 0) + 1);
		services.onProgress?.({ done: ends.at(-1) ?? 0, total: text.length, note: 'finding subjects' });
	}
	return ends;
}

function vectorSource(text: string, services: ChunkServices): VectorsOf {
	if (services.tokenRows) return tableVectors(text, services.tokenRows);
	if (services.embed) return embeddedVectors(text, services.embed, services);
	throw new ChunkingError(
		'missingService',
		'Semantic chunking compares the meaning of sentences and needs an embedding model. Connect one, or choose another method.',
	);
}

/** Characters of a piece: asked for, or 25 tokens by what a token of this text is long. */
function pieceSize(text: string, options: ResolvedOptions): number {
	const { countTokens, semantic, size } = options;
	if (!countTokens) return Math.min(semantic.pieceSize ?? PIECE_CHARACTERS, size);
	const sample = text.slice(0, 4000);
	const perToken = sample.length / Math.max(1, countTokens(sample) - countTokens(''));
	return Math.max(1, Math.round(Math.min(semantic.pieceSize ?? PIECE_TOKENS, size) * Math.min(perToken, 16)));
}

/** Only to choose between segmentations: whether a chunk really fits is counted again when it is cut. */
function lengthsOf(text: string, pieces: readonly Piece[], { countTokens }: ResolvedOptions): number[] {
	if (!countTokens) return pieces.map(({ start, end }) => end - start);
	const specials = countTokens('');
	return pieces.map(({ start, end }) => countTokens(text.slice(start, end)) - specials);
}
