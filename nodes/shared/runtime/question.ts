import { InputError } from './errors';
import type { NodeItem } from './nodeItem';
import { isNothing } from './values';

/** Longer texts are no questions, and no embedding model reads them whole. */
const MAX_QUESTION_CHARACTERS = 4000;

/** The question of an item. At its default the field also finds `chatInput`, as a Chat Trigger calls the message. */
export const questionOf = (item: NodeItem): string =>
	checkedQuestion(
		item.pointedText('questionField', { fallback: ({ chatInput }) => chatInput }),
		item.label('questionField'),
	);

/** A question that was written into the node. */
export const writtenQuestionOf = (item: NodeItem): string =>
	checkedQuestion(item.prose('queryText'), item.label('queryText'));

/** @throws InputError for a question that is empty or too long */
export function checkedQuestion(given: string, label: string): string {
	const question = given.trim();
	if (isNothing(question))
		throw new InputError(`"${label}" is empty. Write a question, or check its expression.`);
	if (question.length <= MAX_QUESTION_CHARACTERS) return question;
	throw new InputError(
		`"${label}" is ${question.length} characters long; at most ${MAX_QUESTION_CHARACTERS} are accepted. Shorten it.`,
	);
}
