import { parseJson, stableJson } from '../support';
import { checkSchema } from '../support/schema';
import type { Answer } from './types';

/* When two answers say the same, and when one is what was asked for. Structures are compared as structures. */

type Said = Pick<Answer, 'content' | 'toolCalls'>;

/** Calls of tools in a form in which equal means the same; their ids say nothing. */
function callsOf({ toolCalls = [] }: Said): string {
	return stableJson(toolCalls.map(({ name, arguments: text }) => [name, parseJson(text) ?? text]));
}

/** Whether two answers are the same text, but for white space, with the same calls of tools. */
export function isSame(a: Said, b: Said): boolean {
	const plain = ({ content }: Said): string => {
		const value = parseJson(content);
		return value === undefined ? content.replace(/\s+/g, ' ').trim() : stableJson(value);
	};
	return plain(a) === plain(b) && callsOf(a) === callsOf(b);
}

/** An answer in a form in which equal means that it says the same: JSON and calls by value, text by its words and numbers. */
export function meaningOf(answer: Said): string {
	const value = parseJson(answer.content);
	const said = value === undefined ? wordsOf(answer.content) : stableJson(value);
	return `${said}\n${callsOf(answer)}`;
}

const QUOTES = '"\'`*_“”‘’„«»';
const END_MARKS = `${QUOTES}.,;:!?…`;

/**
 * Words in small letters, without quotation marks, emphasis and the marks that end a sentence. Signs that change what is said stay ("-5", "a<b",
 * "5 %"), and so does the case of what holds a figure or follows one: mW and MW are different units.
 */
function wordsOf(text: string): string {
	let afterFigure = false;
	return text
		.split(/\s+/)
		.map((token) => {
			const word = without(token);
			const hasFigure = /\p{N}/u.test(word);
			const kept = hasFigure || afterFigure ? word : word.toLowerCase();
			afterFigure = hasFigure;
			return kept;
		})
		.filter((word) => word !== '')
		.join(' ');
}

/** A word without the marks around it; a token of nothing but marks stays as it is. */
function without(token: string): string {
	let [begin, end] = [0, token.length];
	while (begin < end && QUOTES.includes(token.charAt(begin))) begin++;
	while (end > begin && END_MARKS.includes(token.charAt(end - 1))) end--;
	return begin === end ? token : token.slice(begin, end);
}

/** What is wrong with an answer that should be JSON of a schema, in words; undefined when nothing is. */
export async function schemaProblem(schema: object, content: string): Promise<string | undefined> {
	const value = parseJson(content);
	if (value === undefined) return 'it is not JSON';
	const verdict = await checkSchema(schema, value);
	return 'invalidSchema' in verdict
		? `the schema cannot be used: ${verdict.invalidSchema}`
		: verdict.problems[0];
}
