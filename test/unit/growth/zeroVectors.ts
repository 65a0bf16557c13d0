import type { AnswerReader } from '../../../lib/answering';

/** Vectors of nothing: what is measured is the text, not the model. */
export const zeroReader: AnswerReader = {
	model: 'zero',
	embedQuery: () => Promise.resolve(new Float32Array(4)),
	embedDocuments: async function* (texts) {
		for await (const _ of texts) yield { vector: new Float32Array(4) };
	},
	tokenVectors: () => Promise.resolve({ vectors: [], offsets: [] }),
};
