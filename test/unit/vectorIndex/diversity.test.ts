import { diversify } from '../../../lib/vectorIndex/diversity';

const unit = (...values: number[]): Float32Array => {
	const length = Math.hypot(...values);
	return Float32Array.from(values, (value) => value / length);
};

/** Vectors as a model gives them whose texts are all alike: a large part that all have, and a small part of their own. */
const crowded = (own: number, common = 2): Float32Array =>
	unit(common, Number(own === 0), Number(own === 1), Number(own === 2));

describe('diversity', () => {
	it('prefers what is unlike what was picked', async () => {
		const candidates = [
			{ relevance: 1, vector: unit(1, 0) },
			{ relevance: 0.9, vector: unit(1, 0.01) },
			{ relevance: 0.6, vector: unit(0, 1) },
		];
		expect(await diversify(candidates, 0.5, 2)).toEqual([0, 2]);
		expect(await diversify(candidates, 0, 3)).toEqual([0, 1, 2]);
	});

	it('does the same with a model whose unrelated passages have a high cosine, counted from that cosine on', async () => {
		// Unrelated: cosine 0.8. The second is a twin of the first; the third is unrelated and nearly as relevant.
		const candidates = [
			{ relevance: 1, vector: crowded(0) },
			{ relevance: 0.9, vector: crowded(0) },
			{ relevance: 0.35, vector: crowded(1) },
		];
		expect(await diversify(candidates, 0.4, 2, 0.8)).toEqual([0, 2]);
		// Without the model's own limit the unrelated passage pays for a likeness that it does not have.
		expect(await diversify(candidates, 0.4, 2)).toEqual([0, 1]);
	});
});
