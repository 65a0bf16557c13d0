import { evaluate } from '../../../../nodes/VectorIndex/actions/index/evaluate.operation';
import { questionsOf } from '../../../../nodes/VectorIndex/actions/index/questionInput';
import { rowOf } from '../../../../nodes/VectorIndex/actions/documents/rowInput';
import { upsert } from '../../../../nodes/VectorIndex/actions/documents/upsert.operation';
import { itemWith, runOf } from '../../../support/operation';

describe('questions with known answers', () => {
	const parameters = {
		questionField: 'body.question',
		sourcesField: 'answer.citations',
		passagesField: 'places',
	};
	const questionsIn = (list: object[]) => {
		const run = runOf(evaluate.fields, { parameters, items: list.map((json) => ({ json: json as never })) });
		return questionsOf(list.map((_, index) => run.item(index)));
	};

	test('come from the log of a webhook: citations are the sources, a question asked twice counts once, the rest is named', () => {
		const { questions, skipped } = questionsIn([
			{ body: { question: 'When?' }, answer: { citations: [{ source: 'a.md', marker: 1 }] } },
			{ body: { question: 'Where?' }, answer: { citations: [] } },
			{ body: {}, answer: { citations: ['a.md'] } },
			{ body: { question: ' When? ' }, answer: { citations: ['a.md', 'b.md', 7, null] } },
			{ body: { question: 'Who?' }, places: [{ source: 'c.md', start: 3, end: 9 }, { source: 'c.md' }] },
			{ body: { question: 'What?' }, answer: { citations: 'd.md' } },
		]);
		expect(questions).toEqual([
			{ id: 'item 1', text: 'When?', sources: ['a.md', 'b.md'] },
			{ id: 'item 5', text: 'Who?', passages: [{ source: 'c.md', start: 3, end: 9 }] },
			{ id: 'item 6', text: 'What?', sources: ['d.md'] },
		]);
		expect(skipped).toEqual([
			{
				item: 2,
				reason: expect.stringMatching(
					/neither which sources.*"answer.citations" of item 2 holds an empty list/,
				),
			},
			{ item: 3, reason: expect.stringMatching(/"Question Field" is missing/) },
		]);
	});

	test('must be among the items', () => {
		expect(() => questionsIn([{ body: { question: 'When?' } }])).toThrow(
			/No item is a question with a known answer. Item 1: it says neither/,
		);
		expect(() => questionsIn([])).toThrow(/Send at least one/);
	});
});

describe('a row', () => {
	const metadataOf = (json: object, parameters: object = {}) =>
		rowOf(itemWith(upsert.fields, { parameters: { ...parameters }, items: [{ json: json as never }] })).point
			.metadata;

	test('has the metadata of the node and its own, which wins', () => {
		const json = { text: 'T', source: 's', metadata: { year: 2024 } };
		expect(metadataOf(json, { metadata: { year: 1, team: 'sales' } })).toEqual({ year: 2024, team: 'sales' });
		expect(metadataOf(json)).toEqual({ year: 2024 });
	});
});
