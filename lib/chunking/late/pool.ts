import type { Chunk } from '../types';
import type { TokenVectors } from './types';
import type { MacroWindow } from './windows';

/** Share of a window's characters (white space apart) that its tokens have to cover, else the offsets are not believed. */
const LEAST_COVERED = 0.9;

/**
 * What is wrong with token vectors, or undefined: as many offsets as vectors, in order, inside the text, covering it, and
 * vectors of one length. Pooling by wrong offsets would give plausible vectors of the wrong text, and nobody would notice.
 */
export function misalignment(window: string, { vectors, offsets }: TokenVectors): string | undefined {
	if (vectors.length !== offsets.length) return `${vectors.length} vectors for ${offsets.length} tokens`;
	const dimensions = vectors[0]?.length ?? 0;
	if (dimensions === 0) return 'no vectors';
	if (vectors.some((vector) => vector.length !== dimensions || !vector.every(Number.isFinite)))
		return 'vectors that differ in length or are not numbers';
	let last = 0;
	let end = 0;
	let covered = 0;
	for (const offset of offsets) {
		if (!offset) continue;
		if (offset.start < last || offset.end < offset.start || offset.end > window.length)
			return `a token at ${offset.start}–${offset.end}, out of place`;
		last = offset.start;
		if (offset.end > end) {
			covered += visible(window.slice(Math.max(offset.start, end), offset.end));
			end = offset.end;
		}
	}
	const all = visible(window);
	return covered < all * LEAST_COVERED ? `tokens that cover ${covered} of ${all} characters` : undefined;
}

function visible(text: string): number {
	return text.replace(/\s+/g, '').length;
}

/** Mean of the vectors of the tokens that begin in the chunk, unit length; undefined if there is none. */
export function poolTokens(
	chunk: Chunk,
	window: MacroWindow,
	{ vectors, offsets }: TokenVectors,
): Float32Array | undefined {
	const from = chunk.start - window.start;
	const to = chunk.end - window.start;
	const sum = new Float64Array(vectors[0]?.length ?? 0);
	let count = 0;
	offsets.forEach((offset, i) => {
		const vector = vectors[i];
		if (!offset || !vector || offset.end === offset.start || offset.start < from || offset.start >= to)
			return;
		count++;
		for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + (vector[k] ?? 0);
	});
	const length = Math.hypot(...sum);
	return count === 0 || length === 0 ? undefined : Float32Array.from(sum, (value) => value / length);
}
