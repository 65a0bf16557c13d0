import { answerWithSources } from '../../../lib/answering';

test('sources stand in the order of their numbers, one a line where Markdown is shown', () => {
	const citations = [
		{ marker: 3, source: 'c.md' },
		{ marker: 1, source: 'a.pdf', page: 2 },
		{ marker: 2, source: 'c.md' },
	];
	expect(answerWithSources({ answer: 'First C [3], then A [1] and C [2].', citations }, ['A note.'])).toBe(
		'First C [3], then A [1] and C [2].\n\nA note.\n\nSources:\n- [1] a.pdf, page 2\n- [2][3] c.md',
	);
});
