import { cosineLimitsOf, scaledCosine } from '../../../lib/support';

describe('what a cosine means', () => {
	it('is known for the built-in models, also under the names that engines give them', () => {
		const multilingual = cosineLimitsOf('multilingual-e5-small');
		expect(multilingual).toBeDefined();
		expect(cosineLimitsOf('intfloat/multilingual-e5-small')).toEqual(multilingual);
		expect(cosineLimitsOf('all-MiniLM-L6-v2')).toEqual(cosineLimitsOf('minilm-int8'));
		expect(cosineLimitsOf('static-minilm-256')).not.toEqual(cosineLimitsOf('minilm-int8'));
		expect(cosineLimitsOf('nomic-embed-text')).toBeUndefined();
		expect(cosineLimitsOf('multilingual-e5-large-instruct')).toBeUndefined();
	});

	it.each(['multilingual-e5-small', 'minilm-int8', 'static-minilm-256'])('of %s is in order', (model) => {
		const limits = cosineLimitsOf(model);
		expect(limits?.unrelated).toBeLessThan(limits?.unrelatedAtMost ?? 0);
		expect(limits?.unrelatedPassages).toBeLessThan(limits?.paraphrase ?? 0);
		expect(limits?.unrelated).toBeLessThan(limits?.relatedFrom ?? 0);
	});

	it('counts from the cosine of unrelated texts on', () => {
		expect(scaledCosine(0.8, 0.6)).toBeCloseTo(0.5, 12);
		expect(scaledCosine(0.5, 0.6)).toBe(0);
		expect(scaledCosine(1, 0.6)).toBe(1);
		expect(scaledCosine(0.3, 0)).toBe(0.3);
	});
});
