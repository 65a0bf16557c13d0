/**
 * The part of a document a model is shown with a chunk: all of it where it fits, else the window on a fixed grid whose
 * middle is nearest to the chunk. A grid, not a window of the chunk's own, so that neighbours share the very same text.
 */
export function windowAround(
	source: string,
	chunk: { readonly start: number; readonly end: number },
	most: number,
): string {
	if (source.length <= most) return source;
	const step = Math.max(1, Math.floor(most / 2));
	const last = Math.ceil((source.length - most) / step);
	const wanted = Math.round(((chunk.start + chunk.end) / 2 - most / 2) / step);
	const from = Math.min(Math.max(0, wanted), last) * step;
	return source.slice(offPair(source, from), offPair(source, Math.min(source.length, from + most)));
}

/** One unit later where the place is inside a surrogate pair. */
function offPair(text: string, at: number): number {
	return at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00
		? at + 1
		: at;
}
