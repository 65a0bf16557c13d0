import type { CodeLanguage } from './codeLanguages';

/** A place where code may be cut, and how deep in the structure it is. */
export interface Place {
	readonly at: number;
	/** Open brackets before it. */
	readonly depth: number;
	/** Columns of white space the line starts with (a tab counts 4). */
	readonly indent: number;
	/** Inside a string or comment of several lines. */
	readonly inside: boolean;
	/** The line is blank. */
	readonly blank: boolean;
	/** The line closes or goes on with what is above it (`}`, `else`): nothing should start with it. */
	readonly closing: boolean;
	/** The line is a comment, decorator or attribute: it belongs to what is below it. */
	readonly leading: boolean;
}

const CLOSING =
	/^(?:[)\]}]|end\b|else\b|elif\b|elsif\b|except\b|rescue\b|ensure\b|finally\b|catch\b|then\b|do\b|fi\b|done\b|esac\b|<\/)/;
const LEADING = /^(?:\/\/|\/\*|\*|#(?!include|define|if|endif|else|pragma)|--|;;|"""|'''|<!--|@\w|\{-)/;
/** An attribute in brackets, alone on its line. */
const isAttribute = (word: string) => /^\[\w/.test(word) && word.endsWith(']');
/** A longer line is data or minified code: it may be cut behind its statements too. */
const LONG_LINE = 200;

/**
 * Reads code once, line by line, with just enough of a lexer to know which brackets count. It cannot fail: a file in no
 * language or with broken syntax still has lines and indentation.
 */
export function* codePlaces(text: string, language: CodeLanguage): Generator<Place> {
	const firsts = interestingUnits(language);
	const plainBrackets = bracketTable(language);
	let depth = 0;
	let closer: string | undefined;
	let at = 0;
	while (at < text.length) {
		const lineFeed = text.indexOf('\n', at);
		const end = lineFeed < 0 ? text.length : lineFeed + 1;
		yield placeOfLine(text, at, end, depth, closer !== undefined);
		const lineStart = at;
		while (at < end) {
			if (closer !== undefined) {
				const found = indexOfWithin(text, closer, at, end);
				if (found < 0) break;
				at = found + closer.length;
				closer = undefined;
				continue;
			}
			const unit = text.charCodeAt(at);
			if (unit > 127 || firsts[unit] === 0) {
				at++;
				continue;
			}
			const bracket = plainBrackets[unit] ?? 0;
			if (bracket !== 0 && unit !== CLOSING_BRACE) {
				depth = Math.max(0, depth + bracket);
				at++;
				continue;
			}
			const token = readToken(text, at, end, language);
			closer = token.closer;
			depth = Math.max(0, depth + token.depth);
			at = token.end;
			if (
				closer === undefined &&
				at - lineStart > LONG_LINE &&
				(unit === 59 || unit === 125 || unit === 44)
			) {
				yield { at, depth, indent: 0, inside: false, blank: false, closing: unit === 44, leading: false };
			}
		}
		at = end;
	}
}

/** Units at which something can begin that is not plain code. */
function interestingUnits(language: CodeLanguage): Uint8Array {
	const table = new Uint8Array(128);
	const starts = [
		...language.lineComments,
		language.blockComment?.[0] ?? '',
		...language.longQuotes,
		...language.quotes,
	];
	for (const start of starts) if (start) table[start.charCodeAt(0)] = 1;
	for (const bracket of '()[]{};,') table[bracket.charCodeAt(0)] = 1;
	if (language.characterQuote) table[39] = 1;
	return table;
}

/** +1 and -1 for brackets that can be nothing else in the language: half of all marks in code, worth a short way. */
function bracketTable(language: CodeLanguage): Int8Array {
	const table = new Int8Array(128);
	const starts = [...language.lineComments, language.blockComment?.[0] ?? '', ...language.longQuotes];
	for (const [brackets, step] of [
		['([{', 1],
		[')]}', -1],
	] as const) {
		for (const bracket of brackets) {
			if (!starts.some((start) => start.startsWith(bracket))) table[bracket.charCodeAt(0)] = step;
		}
	}
	return table;
}

const CLOSING_BRACE = 125;

function readToken(
	text: string,
	at: number,
	end: number,
	language: CodeLanguage,
): { end: number; depth: number; closer?: string } {
	const { blockComment, longQuotes, lineComments, quotes } = language;
	if (blockComment && text.startsWith(blockComment[0], at))
		return { end: at + blockComment[0].length, depth: 0, closer: blockComment[1] };
	for (const mark of longQuotes)
		if (text.startsWith(mark, at)) return { end: at + mark.length, depth: 0, closer: mark };
	for (const mark of lineComments) if (text.startsWith(mark, at)) return { end, depth: 0 };
	const character = text.charAt(at);
	if (quotes.includes(character)) return { end: stringEnd(text, at, end), depth: 0 };
	if (character === "'" && language.characterQuote) return { end: characterEnd(text, at), depth: 0 };
	if ('([{'.includes(character)) return { end: at + 1, depth: 1 };
	if (')]}'.includes(character)) return { end: at + 1, depth: -1 };
	return { end: at + 1, depth: 0 };
}

/** Strings of one line end with it, closed or not, so that a stray quote spoils no more than its line. */
function stringEnd(text: string, at: number, end: number): number {
	const quote = text.charCodeAt(at);
	for (let i = at + 1; i < end; i++) {
		const unit = text.charCodeAt(i);
		if (unit === 92) i++;
		else if (unit === quote) return i + 1;
	}
	return end;
}

function characterEnd(text: string, at: number): number {
	if (text.charCodeAt(at + 1) === 92) {
		const close = text.slice(at + 2, at + 13).indexOf("'");
		return close < 0 ? at + 1 : at + 3 + Math.max(close, text.charCodeAt(at + 2) === 39 ? 1 : 0);
	}
	return text.charCodeAt(at + 2) === 39 ? at + 3 : at + 1;
}

/** indexOf that does not look beyond the line, where a text without the mark would cost its whole length each time. */
function indexOfWithin(text: string, mark: string, from: number, end: number): number {
	const found = text.slice(from, end).indexOf(mark);
	return found < 0 ? -1 : from + found;
}

function placeOfLine(text: string, start: number, end: number, depth: number, inside: boolean): Place {
	let indent = 0;
	let first = start;
	for (; first < end; first++) {
		const unit = text.charCodeAt(first);
		if (unit === 32) indent++;
		else if (unit === 9) indent += 4;
		else break;
	}
	const word = text.slice(first, Math.min(end, first + 80)).trimEnd();
	return {
		at: start,
		depth,
		indent,
		inside,
		blank: word === '',
		closing: CLOSING.test(word),
		leading: LEADING.test(word) || isAttribute(word),
	};
}
