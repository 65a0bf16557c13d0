import { questionsOf } from '../../../../nodes/VectorIndex/actions/index/questionInput';
import { rowOf } from '../../../../nodes/VectorIndex/actions/documents/rowInput';

describe('questions with known answers', () => {
	const fields = { question: 'body.question', sources: 'answer.citations', passages: 'places' };

	test('come from the log of a webhook: citations are the sources, a question asked twice counts once, the rest is named', () => {
		const { questions, skipped } = questionsOf(
			[
				{ body: { question: 'When?' }, answer: { citations: [{ source: 'a.md', marker: 1 }] } },
				{ body: { question: 'Where?' }, answer: { citations: [] } },
				{ body: {}, answer: { citations: ['a.md'] } },
				{ body: { question: ' When? ' }, answer: { citations: ['a.md', 'b.md', 7, null] } },
				{ body: { question: 'Who?' }, places: [{ source: 'c.md', start: 3, end: 9 }, { source: 'c.md' }] },
				{ body: { question: 'What?' }, answer: { citations: 'd.md' } },
			],
			fields,
		);
		expect(questions).toEqual([
			{ id: 'item 1', text: 'When?', sources: ['a.md', 'b.md'] },
			{ id: 'item 5', text: 'Who?', passages: [{ source: 'c.md', start: 3, end: 9 }] },
			{ id: 'item 6', text: 'What?', sources: ['d.md'] },
		]);
		expect(skipped).toEqual([
			{ item: 2, reason: expect.stringMatching(/neither which sources.*"answer.citations" holds a list/) },
			{ item: 3, reason: expect.stringMatching(/question/) },
		]);
	});

	test('must be among the items', () => {
		expect(() => questionsOf([{ body: { question: 'When?' } }], fields)).toThrow(
			/No item is a question with a known answer. Item 1: it says neither/,
		);
		expect(() => questionsOf([], fields)).toThrow(/Send at least one/);
	});
});

describe('a row', () => {
	const field = (name: string): string =>
		({ textField: 'text', sourceField: 'source', metadataField: 'metadata' })[name] ?? '';

	test('has the metadata of the node and its own, which wins', () => {
		const json = { text: 'T', source: 's', metadata: { year: 2024 } };
		expect(rowOf(json, 0, field, { year: 1, team: 'sales' }).point.metadata).toEqual({
			year: 2024,
			team: 'sales',
		});
		expect(rowOf(json, 0, field).point.metadata).toEqual({ year: 2024 });
	});
});
