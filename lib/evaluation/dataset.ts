import { EvaluationError } from './errors';
import type { Passage, Question } from './types';

/** One row of a questions file of the chunking study, as any CSV reader returns it. */
export interface QuestionRow {
	readonly question: string;
	/** JSON: `[{ "content": text, "start_index": number, "end_index": number }]`. */
	readonly references: string;
	readonly corpus_id: string;
}

/**
 * Reads questions in the format of the chunking study (github.com/brandonstarxel/chunking_evaluation, `questions_df.csv`).
 * Its offsets were counted by Python, in code points; they are turned into UTF-16 offsets, and each is checked: the source
 * at that place must read exactly as `content`.
 *
 * @param sources text of each source by `corpus_id`
 * @throws EvaluationError `invalidData`, naming the row (from 1), for anything that does not fit
 */
export function readQuestions(rows: Iterable<QuestionRow>, sources: ReadonlyMap<string, string>): Question[] {
	const toUtf16 = new Map([...sources].map(([source, text]) => [source, codePointIndex(text)]));
	return Array.from(rows, (row, index) => {
		const where = `Row ${index + 1} of the questions`;
		const source = row.corpus_id;
		const text = sources.get(source);
		const offsetOf = toUtf16.get(source);
		if (text === undefined || !offsetOf)
			throw new EvaluationError(
				'invalidData',
				`${where} refers to the source "${source}", which was not given.`,
			);
		const passages = readReferences(row.references, where).map(({ content, from, to }): Passage => {
			const [start, end] = [offsetOf(from), offsetOf(to)];
			if (text.slice(start, end) !== content)
				throw new EvaluationError(
					'invalidData',
					`${where}: the source "${source}" does not read "${content.slice(0, 60)}" at ${from}–${to}. Is it the same version of the file?`,
				);
			return { source, start, end };
		});
		return { id: `${source}:${index + 1}`, text: row.question, passages };
	});
}

function readReferences(json: string, where: string): Array<{ content: string; from: number; to: number }> {
	let parsed: unknown;
	try {
		parsed = JSON.parse(json);
	} catch (error) {
		throw new EvaluationError('invalidData', `${where}: "references" is not valid JSON.`, { cause: error });
	}
	if (!Array.isArray(parsed) || parsed.length === 0)
		throw new EvaluationError(
			'invalidData',
			`${where}: "references" must be a list of at least one passage.`,
		);
	return parsed.map((reference: unknown) => {
		if (
			typeof reference !== 'object' ||
			reference === null ||
			!('content' in reference && typeof reference.content === 'string') ||
			!('start_index' in reference && typeof reference.start_index === 'number') ||
			!('end_index' in reference && typeof reference.end_index === 'number')
		)
			throw new EvaluationError(
				'invalidData',
				`${where}: a reference needs content, start_index and end_index.`,
			);
		return { content: reference.content, from: reference.start_index, to: reference.end_index };
	});
}

/** Maps offsets in code points to UTF-16. Without astral characters they are the same, and no table is built. */
function codePointIndex(text: string): (codePoints: number) => number {
	if (!/[\u{10000}-\u{10ffff}]/u.test(text)) return (codePoints) => codePoints;
	const starts: number[] = [];
	for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) starts.push(at);
	starts.push(text.length);
	return (codePoints) => starts[codePoints] ?? Number.NaN;
}
