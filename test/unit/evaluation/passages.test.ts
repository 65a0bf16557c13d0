import {
	EvaluationError,
	gradeByPassages,
	precisionOmega,
	scorePassages,
	type Passage,
	withCopies,
} from '../../../lib/evaluation';

const at = (start: number, end: number, source = 'doc'): Passage => ({ source, start, end });

describe('retrieval scored by character range', () => {
	it('gives 1 everywhere when exactly the passage is retrieved', () => {
		expect(scorePassages([at(10, 20)], [at(10, 20)])).toEqual({ recall: 1, precision: 1, iou: 1 });
	});

	it('computes recall, precision and IoU of a partial cover', () => {
		// 5 of 10 relevant characters in 20 retrieved; IoU = 5 / (20 + 5)
		expect(scorePassages([at(0, 15), at(40, 45)], [at(10, 20)])).toEqual({
			recall: 0.5,
			precision: 0.25,
			iou: 0.2,
		});
	});

	it('counts a relevant character once but charges for text handed over twice', () => {
		const scores = scorePassages([at(0, 20), at(10, 30)], [at(10, 20)]);
		expect(scores).toEqual({ recall: 1, precision: 10 / 40, iou: 10 / 40 });
	});

	it('does not mistake the same range of another source for the passage', () => {
		expect(scorePassages([at(10, 20, 'other')], [at(10, 20)])).toEqual({ recall: 0, precision: 0, iou: 0 });
	});

	it('merges expected passages that overlap', () => {
		expect(scorePassages([at(0, 10)], [at(0, 6), at(4, 10)]).recall).toBe(1);
	});

	it('takes a copy of the passage for the passage, and no character twice', () => {
		const key = 'The key hangs behind the door.';
		const texts = new Map([
			['a', `First. ${key} Last.`],
			['b', `${key} ${key}`],
		]);
		const [question] = withCopies([{ id: '1', text: 'Where?', passages: [at(7, 37, 'a')] }], texts);
		const passages = question?.passages ?? [];
		expect(passages).toEqual([{ ...at(7, 37, 'a'), copies: [at(0, 30, 'b'), at(31, 61, 'b')] }]);
		expect(scorePassages([at(0, 30, 'b')], passages)).toEqual({ recall: 1, precision: 1, iou: 1 });
		// half of it in one copy, the other half and a bit more in the next
		expect(scorePassages([at(0, 15, 'b'), at(44, 61, 'b')], passages).recall).toBe(1);
		expect(scorePassages([at(0, 30, 'b'), at(7, 37, 'a')], passages)).toEqual({
			recall: 1,
			precision: 0.5,
			iou: 0.5,
		});
		expect(gradeByPassages([{ id: 'x', ...at(31, 46, 'b') }], passages)).toEqual(new Map([['x', 0.5]]));
	});

	it('finds copies of what overlapping passages are together', () => {
		const texts = new Map([
			['a', 'one two three'],
			['b', 'one two'],
		]);
		const [question] = withCopies([{ id: '1', text: '?', passages: [at(0, 5, 'a'), at(4, 7, 'a')] }], texts);
		expect(question?.passages).toEqual([{ ...at(0, 7, 'a'), copies: [at(0, 7, 'b')] }]);
	});

	it('scores an empty answer 0', () => {
		expect(scorePassages([], [at(0, 5)])).toEqual({ recall: 0, precision: 0, iou: 0 });
	});

	it.each([[[]], [[at(5, 5)]], [[at(7, 3)]], [[at(-1, 3)]]])('refuses %j as expectation', (passages) => {
		expect(() => scorePassages([at(0, 1)], passages)).toThrow(EvaluationError);
	});
});

describe('precision-omega', () => {
	it('is the share of relevant text in the chunks that hold any of it', () => {
		// both halves of the passage lie in chunks of 10: 8 of 20 characters
		const chunks = [at(0, 10), at(10, 20), at(20, 30)];
		expect(precisionOmega(chunks, [at(6, 14)])).toBeCloseTo(8 / 20);
	});

	it('counts the overlap of neighbouring chunks once and ignores chunks that only touch', () => {
		expect(precisionOmega([at(0, 12), at(8, 20), at(20, 30)], [at(10, 20)])).toBeCloseTo(10 / 20);
	});

	it('charges for relevant text that no chunk holds', () => {
		expect(precisionOmega([at(0, 10)], [at(5, 15)])).toBeCloseTo(5 / 15);
	});
});

it('grades chunks by the share of relevant text they hold', () => {
	const chunks = [
		{ id: 'a', ...at(0, 10) },
		{ id: 'b', ...at(10, 20) },
		{ id: 'c', ...at(20, 30) },
	];
	expect([...gradeByPassages(chunks, [at(8, 18)])]).toEqual([
		['a', 0.2],
		['b', 0.8],
	]);
});
