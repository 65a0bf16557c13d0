/** Uniform numbers in [0, 1), the same in every run: Marsaglia's xorshift128 (2003). */
export function randomSource(seed = 123456789): () => number {
	let [x, y, z, w] = [seed, 362436069, 521288629, 88675123];
	return () => {
		const t = x ^ (x << 11);
		[x, y, z] = [y, z, w];
		w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
		return (w >>> 0) / 2 ** 32;
	};
}
