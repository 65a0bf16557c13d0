import { type CallContext, createSlicer, dot, toUnit } from '../../support';
import { ChunkingError, stopIfCancelled } from '../errors';
import type { Embed, TokenRows } from '../types';
import type { Piece } from './pieces';

/** Unit vectors of pieces, row by row; a piece without a known word has a row of zeros. */
export interface PieceVectors {
	readonly rows: Float32Array;
	readonly dimensions: number;
}

export type VectorsOf = (pieces: readonly Piece[], buffer: number) => Promise<PieceVectors>;

const TEXTS_PER_CALL = 64;

/**
 * Vectors from an embedding function. With a buffer each piece is embedded together with that many neighbours either
 * side, which steadies the vectors of short sentences.
 */
export function embeddedVectors(text: string, embed: Embed, call: CallContext): VectorsOf {
	return async (pieces, buffer) => {
		let rows: Float32Array | undefined;
		let dimensions = 0;
		for (let from = 0; from < pieces.length; from += TEXTS_PER_CALL) {
			stopIfCancelled(call);
			const texts = pieces.slice(from, from + TEXTS_PER_CALL).map((_, i) => {
				const first = pieces[Math.max(0, from + i - buffer)];
				const last = pieces[Math.min(pieces.length - 1, from + i + buffer)];
				return text.slice(first?.start, last?.end);
			});
			const vectors = await embed(texts);
			dimensions ||= vectors[0]?.length ?? 0;
			if (
				vectors.length !== texts.length ||
				dimensions === 0 ||
				vectors.some((vector) => vector.length !== dimensions)
			) {
				throw new ChunkingError(
					'badService',
					`The embedding function returned ${vectors.length} vectors for ${texts.length} texts, or vectors of different lengths. Check the embedding model.`,
				);
			}
			rows ??= new Float32Array(pieces.length * dimensions);
			vectors.forEach((vector, i) => rows?.set(vector, (from + i) * dimensions));
		}
		const all = rows ?? new Float32Array(0);
		normaliseRows(all, dimensions);
		return { rows: all, dimensions };
	};
}

/**
 * Vectors from a table of token vectors, each token read once: a piece is the sum of its tokens' rows, and a window of
 * pieces the difference of two prefix sums, so a buffer costs nothing.
 */
export function tableVectors(
	text: string,
	tokenRows: (text: string) => TokenRows | Promise<TokenRows>,
): VectorsOf {
	return async (pieces, buffer) => {
		const turn = createSlicer();
		const origin = pieces[0]?.start ?? 0;
		const tokens = await tokenRows(text.slice(origin, pieces.at(-1)?.end));
		const { dimensions, starts } = tokens;
		const sum = new Float64Array(dimensions);
		const prefix = new Float64Array((pieces.length + 1) * dimensions);
		let token = 0;
		for (const [i, piece] of pieces.entries()) {
			const first = token;
			while (token < starts.length && (starts[token] ?? 0) + origin < piece.end) token++;
			tokens.addRange(first, token, sum);
			prefix.set(sum, (i + 1) * dimensions);
			await turn();
		}
		const rows = new Float32Array(pieces.length * dimensions);
		for (let i = 0; i < pieces.length; i++) {
			const from = Math.max(0, i - buffer) * dimensions;
			const to = Math.min(pieces.length, i + buffer + 1) * dimensions;
			for (let k = 0; k < dimensions; k++)
				rows[i * dimensions + k] = (prefix[to + k] ?? 0) - (prefix[from + k] ?? 0);
		}
		normaliseRows(rows, dimensions);
		return { rows, dimensions };
	};
}

function normaliseRows(rows: Float32Array, dimensions: number): void {
	for (let from = 0; from < rows.length; from += dimensions) {
		const row = rows.subarray(from, from + dimensions);
		if (!Number.isFinite(dot(row, row)))
			throw new ChunkingError('badService', 'A vector holds something that is not a number.');
		row.set(toUnit(row));
	}
}
