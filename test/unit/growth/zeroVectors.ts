/** Vectors of nothing: what is measured is the text, not the model. */
export const zeroVectors = (texts: readonly string[]): Promise<readonly Float32Array[]> =>
	Promise.resolve(texts.map(() => new Float32Array(4)));
