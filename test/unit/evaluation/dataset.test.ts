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
	it('reads all 220, and every passage reads as its file says', () => {
		const folder = join(__dirname, '../../fixtures/chunking-eval');
		const texts = new Map(
			['state_of_the_union', 'wikitexts'].map((name) => [
				name,
				readFileSync(join(folder, `${name}.md`), 'utf8'),
			]),
		);
		const rows: QuestionRow[] = parse(readFileSync(join(folder, 'questions.csv')), { columns: true });
		const questions = readQuestions(rows, texts);
		expect(questions).toHaveLength(220);
		expect(questions.flatMap(({ passages }) => passages ?? [])).toHaveLength(344);
		const [first] = questions;
		const [passage] = first?.passages ?? [];
		expect(texts.get('state_of_the_union')?.slice(passage?.start, passage?.end)).toBe(
			'My administration announced we’re cutting credit card late fees from $32 to $8.',
		);
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
