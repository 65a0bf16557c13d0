const THOUGHT_END = '</think>';
const FENCE = '```';
/** Places looked at; an answer with more braces than this is no JSON with words around it. */
const MAX_TRIES = 50;

/**
 * What may be the JSON in an answer of a model that was only asked for it, the likeliest first: the whole answer, what stands
 * in code fences, and each value with its braces closed. Of several the last comes first: models think before they decide.
 */
export function jsonCandidates(answer: string): string[] {
	// A template that opens the thinking in the prompt leaves only its end in the answer.
	const thought = /^\s*[[{]/.test(answer) ? -1 : answer.lastIndexOf(THOUGHT_END);
	const text = (thought === -1 ? answer : answer.slice(thought + THOUGHT_END.length)).trim();
	return [...new Set([text, ...fencedIn(text).reverse(), ...valuesIn(text).reverse()])];
}

/** What stands between fences, without the name of a language. */
function fencedIn(text: string): string[] {
	return text
		.split(FENCE)
		.slice(0, 2 * MAX_TRIES)
		.filter((_, at) => at % 2 === 1)
		.map((body) => body.replace(/^[a-z0-9]{1,20}(?=\s)/i, '').trim());
}

/** Objects and lists with their braces closed, those within one another left out. */
function valuesIn(text: string): string[] {
	const values: string[] = [];
	let from = 0;
	for (let tries = 0; tries < MAX_TRIES; tries++) {
		const start = text.slice(from).search(/[[{]/);
		if (start === -1) break;
		const end = endOf(text, from + start);
		if (end !== -1) values.push(text.slice(from + start, end));
		from = end === -1 ? from + start + 1 : end;
	}
	return values;
}

/** Where the value that begins here has its braces closed; braces in strings do not count. -1 where it never has. */
function endOf(text: string, start: number): number {
	let depth = 0;
	let quoted = false;
	for (let at = start; at < text.length; at++) {
		const sign = text[at];
		if (quoted) {
			if (sign === '\\') at++;
			else if (sign === '"') quoted = false;
		} else if (sign === '"') quoted = true;
		else if (sign === '{' || sign === '[') depth++;
		else if ((sign === '}' || sign === ']') && --depth === 0) return at + 1;
	}
	return -1;
}

/**
 * The value of a JSON text. A number that JavaScript would change (a big integer, more digits than it keeps) stays as it is
 * written, as a text.
 * @throws SyntaxError
 */
export function parseAnswer(text: string): { readonly value: unknown; readonly exact: unknown } {
	const parse: (
		text: string,
		reviver: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
	) => unknown = JSON.parse;
	const exact = parse(text, (_, value, context) => {
		const source = context?.source;
		return typeof value === 'number' && source !== undefined && isChanged(value, source) ? source : value;
	});
	return { value: JSON.parse(text) as unknown, exact };
}

/** Whether a number has other digits than the text it was read from; zeros at its ends do not count. */
function isChanged(value: number, source: string): boolean {
	if (!Number.isFinite(value)) return true;
	return digits(String(value)) !== digits(source);
}

/** The digits of a number from the first to the last that is no zero. */
function digits(number: string): string {
	const all = (number.split(/e/i)[0] ?? '').replace(/\D/g, '');
	let end = all.length;
	while (all[end - 1] === '0') end--;
	const start = all.search(/[1-9]/);
	return start === -1 ? '' : all.slice(start, end);
}
