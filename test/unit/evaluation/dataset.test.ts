import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { EvaluationError, readQuestions, type QuestionRow } from '../../../lib/evaluation';

const row = (references: unknown, corpus_id = 'doc'): QuestionRow => ({
	question: 'What?',
	references: typeof references === 'string' ? references : JSON.stringify(references),
	corpus_id,
});
const sources = new Map([['doc', 'a 🎈 balloon']]);

describe('questions of the chunking study', () => {
	it('reads all of them, and every passage reads as its file says', () => {
		const folder = join(__dirname, '../../fixtures/retrieval');
		const texts = new Map(
			['harbour', 'glassworks'].map((name) => [name, readFileSync(join(folder, `${name}.md`), 'utf8')]),
		);
		const rows: QuestionRow[] = parse(readFileSync(join(folder, 'questions.csv')), { columns: true });
		const questions = readQuestions(rows, texts);
		expect(questions).toHaveLength(60);
		const read = questions.map(({ passages = [] }) =>
			passages.map(({ source, start, end }) => texts.get(source)?.slice(start, end)),
		);
		expect(read[0]).toEqual(['Call the harbour office on channel 12 before you pass the green buoy.']);
		// Behind the fish in the heading, where code points and UTF-16 count differently.
		const bakery = questions.findIndex(
			({ text }) => text === 'When does the bakery in Mill Street open in the morning?',
		);
		expect(read[bakery]).toEqual([
			"The bakery in Mill Street opens at half past five and sells sandwiches for the day's sail.",
		]);
		expect(read.flat().every((text) => /^[A-Z].*\.$/.test(text ?? ''))).toBe(true);
	});

	it('turns offsets in code points, which Python counts, into UTF-16', () => {
		const [question] = readQuestions([row([{ content: 'balloon', start_index: 4, end_index: 11 }])], sources);
		expect(question?.passages).toEqual([{ source: 'doc', start: 5, end: 12 }]);
	});

	it.each([
		[
			'an offset that does not read as said',
			row([{ content: 'balloon', start_index: 5, end_index: 12 }]),
			/does not read/,
		],
		[
			'a source that was not given',
			row([{ content: 'a', start_index: 0, end_index: 1 }], 'other'),
			/"other"/,
		],
		['references that are not JSON', row('{'), /not valid JSON/],
		['no reference', row([]), /at least one/],
		['a reference without offsets', row([{ content: 'a' }]), /start_index/],
	])('refuses %s, naming the row', (_, bad, message) => {
		expect(() => readQuestions([bad], sources)).toThrow(EvaluationError);
		expect(() => readQuestions([bad], sources)).toThrow(message);
		expect(() => readQuestions([bad], sources)).toThrow(/Row 1/);
	});
});
