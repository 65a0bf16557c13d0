import { isObject, messageOf } from '../support';
import { EvaluationError } from './errors';
import type { Question } from './types';

/** Paragraphs and questions of one file in the form of SQuAD. */
export interface ParagraphSet {
	/** Each paragraph's text by its number; a paragraph that stands in the file twice is there once. */
	readonly paragraphs: ReadonlyMap<string, string>;
	/** Each expects the paragraph that it was written for. */
	readonly questions: readonly Question[];
}

/**
 * Reads a file in the form of SQuAD 1.1 (Rajpurkar et al. 2016), which XQuAD, MLQA, JaQuAD and others have too:
 * `{ data: [{ paragraphs: [{ context, qas: [{ question }] }] }] }`. Questions that SQuAD 2.0 marks `is_impossible` are left out:
 * no paragraph answers them.
 *
 * @param name of the file, for the errors
 * @throws EvaluationError `invalidData` for anything that does not fit, and for a file without a question
 */
export function readSquad(json: string, name: string): ParagraphSet {
	let parsed: unknown;
	try {
		parsed = JSON.parse(json);
	} catch (error) {
		throw new EvaluationError('invalidData', `${name} is not valid JSON: ${messageOf(error)}.`, {
			cause: error,
		});
	}
	const numbers = new Map<string, string>();
	const questions: Question[] = [];
	for (const article of listOf(parsed, 'data', name)) {
		for (const paragraph of listOf(article, 'paragraphs', name)) {
			const context = textOf(paragraph, 'context', name);
			const number = numbers.get(context) ?? `paragraph ${numbers.size + 1}`;
			numbers.set(context, number);
			for (const asked of listOf(paragraph, 'qas', name)) {
				if (isObject(asked) && asked['is_impossible'] === true) continue;
				const text = textOf(asked, 'question', name);
				questions.push({ id: `question ${questions.length + 1}`, text, sources: [number] });
			}
		}
	}
	if (questions.length === 0)
		throw new EvaluationError('invalidData', `${name} contains no question that a paragraph answers.`);
	return { paragraphs: new Map([...numbers].map(([text, number]) => [number, text])), questions };
}

function listOf(value: unknown, field: string, name: string): readonly unknown[] {
	const list = isObject(value) ? value[field] : undefined;
	if (!Array.isArray(list)) throw misses(field, 'list', name);
	return list;
}

function textOf(value: unknown, field: string, name: string): string {
	const text = isObject(value) ? value[field] : undefined;
	if (typeof text !== 'string' || text.trim() === '') throw misses(field, 'text', name);
	return text;
}

const misses = (field: string, kind: string, name: string): EvaluationError =>
	new EvaluationError(
		'invalidData',
		`${name} does not have the form of SQuAD: the ${kind} "${field}" is missing in one of its entries. Expected: { "data": [{ "paragraphs": [{ "context": …, "qas": [{ "question": … }] }] }] }.`,
	);
