import { EvaluationError, readSquad } from '../../../lib/evaluation';

const file = (paragraphs: unknown): string => JSON.stringify({ data: [{ title: 'T', paragraphs }] });
const asked = (question: string): object => ({ question, answers: [{ text: 'x', answer_start: 0 }] });

describe('files in the form of SQuAD', () => {
	it('gives each paragraph a number, and each question the paragraph it was written for', () => {
		const { paragraphs, questions } = readSquad(
			file([
				{ context: 'Der Hafen liegt im Norden.', qas: [asked('Wo liegt der Hafen?')] },
				{ context: 'Die Brücke ist alt.', qas: [asked('Wie alt?'), asked('Was ist alt?')] },
			]),
			'de.json',
		);
		expect([...paragraphs]).toEqual([
			['paragraph 1', 'Der Hafen liegt im Norden.'],
			['paragraph 2', 'Die Brücke ist alt.'],
		]);
		expect(questions.map(({ text, sources }) => [text, sources])).toEqual([
			['Wo liegt der Hafen?', ['paragraph 1']],
			['Wie alt?', ['paragraph 2']],
			['Was ist alt?', ['paragraph 2']],
		]);
		expect(new Set(questions.map(({ id }) => id)).size).toBe(3);
	});

	it('stores a paragraph that stands in the file twice once', () => {
		const twice = [
			{ context: 'Same.', qas: [asked('One?')] },
			{ context: 'Same.', qas: [asked('Two?')] },
		];
		const { paragraphs, questions } = readSquad(file(twice), 'en.json');
		expect(paragraphs.size).toBe(1);
		expect(questions.map(({ sources }) => sources)).toEqual([['paragraph 1'], ['paragraph 1']]);
	});

	it('leaves out questions that no paragraph answers', () => {
		const qas = [{ ...asked('Never?'), is_impossible: true }, asked('Ever?')];
		expect(readSquad(file([{ context: 'Text.', qas }]), 'en.json').questions).toHaveLength(1);
	});

	it.each([
		['no JSON', '{', /de\.json is not valid JSON/],
		['another form', '{"questions":[]}', /de\.json .*"data" is missing/],
		['a paragraph without text', file([{ qas: [] }]), /"context" is missing/],
		['no question', file([{ context: 'Text.', qas: [] }]), /contains no question/],
	])('refuses %s, naming the file', (_, json, message) => {
		expect(() => readSquad(json, 'de.json')).toThrow(EvaluationError);
		expect(() => readSquad(json, 'de.json')).toThrow(message);
	});
});
