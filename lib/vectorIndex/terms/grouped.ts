/*
 * Long numbers that are read out in groups and typed with or without them: bank accounts and cards in fours, telephone numbers
 * in whatever groups a country likes, with or without its own code in front.
 */

export interface Grouped {
	/** Letters and digits without what stands between. */
	readonly whole: string;
	readonly parts: readonly string[];
	/** What all ways to write a telephone number have in common. */
	readonly line?: string;
	readonly end: number;
}

/** "de89 3704 0044 0532 0130 00": the second group may be a bank in letters, all others have a digit. */
const ACCOUNT = /[a-z]{2}\d\d(?: [a-z]{4})?(?: (?=[a-z]{0,3}\d)[a-z\d]{4}){2,7}(?: \d{1,3})?(?![a-z\d])/y;
/** Three to five groups of four; two years in a row are a table. */
const CARD = /(?!(?:19|20)\d\d (?:19|20)\d\d )\d{4}(?: \d{4}){2,4}(?!\d)/y;
const TELEPHONE = /\d{1,15}(?:[ ()./-]{1,2}\d{2,8}){0,5}(?!\d)/y;
/** With the country's code, as behind a plus sign: "33 1 23 45 67 89" has a group of one digit. */
const ABROAD = /\d{1,15}(?:[ ()./-]{1,3}\d{1,8}){0,7}(?!\d)/y;
const DATE = /^\d{1,2}[./-](?:\d{1,2}[./-])?(?:(?:19|20)\d\d(?!\d)|\d\d$)/;
/** "555-123-4567" and "(555) 123-4567". */
const AMERICAN = /^\d{3}[).]?[ .-]?\d{3}[ .-]\d{4}$/;
/** Characters of a group of an account, and of an American area. */
const [GROUP, AREA] = [4, 3];
const WORDS = /[a-z\d]+/g;
/** The least and the most digits of a telephone number, and how many of them say whose it is, wherever one calls from. */
const DIGITS = { least: 8, most: 15, line: 7 };
/** Begins a term for those digits, so that no part number is taken for them. */
const LINE = '~';

/** The number in groups that begins there in a prepared text with a word that ends there, if one does. */
export function groupedAt(text: string, start: number, wordEnd: number): Grouped | undefined {
	const length = wordEnd - start;
	const account =
		length === GROUP ? (matchAt(ACCOUNT, text, start) ?? matchAt(CARD, text, start)) : undefined;
	if (account !== undefined) return { ...wordsOf(account), end: start + account.length };
	const isAbroad = text.charAt(start - 1) === '+';
	if (!isAbroad && length !== AREA && text.charAt(start) !== '0') return undefined;
	const number = matchAt(isAbroad ? ABROAD : TELEPHONE, text, start);
	if (number === undefined || !(isAbroad || isNational(number))) return undefined;
	const { whole, parts } = wordsOf(number);
	const line = lineOf(whole);
	return line === undefined ? undefined : { whole, parts, line, end: start + number.length };
}

/** The term of a number's last digits, undefined for one that is too short or too long for a telephone. */
export function lineOf(digits: string): string | undefined {
	const { least, most, line } = DIGITS;
	return digits.length < least || digits.length > most ? undefined : LINE + digits.slice(-line);
}

function isNational(number: string): boolean {
	return AMERICAN.test(number) || (number.startsWith('0') && !DATE.test(number));
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
	pattern.lastIndex = at;
	return pattern.exec(text)?.[0];
}

function wordsOf(text: string): { readonly whole: string; readonly parts: readonly string[] } {
	const parts = text.match(WORDS) ?? [];
	return { whole: parts.join(''), parts };
}
