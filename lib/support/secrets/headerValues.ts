/** Schemes whose credentials are one token (RFC 7617, RFC 6750, and what programs made up). */
const ONE_TOKEN = /^(?:basic|bearer|token|apikey|api-key|negotiate|ntlm)$/i;
const NAME_END = /[^\w!#$%&'*+.^`|~-]/;

/**
 * Where the value of an authorization or cookie header ends: at its closing quote where it stands in quotes; without quotes
 * behind its token, its parameters (`Digest username="…", nonce=…`) or its pairs (`a=1; sid=…`). `start` itself when there is no value.
 */
export function headerValueEnd(text: string, start: number, quote: string, cookie: boolean): number {
	if (quote !== '') return closingQuote(text, start, quote);
	const first = tokenEnd(text, start);
	if (cookie) {
		if (text.slice(start, first).includes('=')) return pairsEnd(text, start, ';');
		return first - start >= 4 ? first : start;
	}
	if (text[first] !== ' ') return first - start >= 4 ? first : start;
	const scheme = text.slice(start, first);
	const second = tokenEnd(text, first + 1);
	if (isParameter(text, first + 1)) return pairsEnd(text, first + 1, ',');
	if (ONE_TOKEN.test(scheme)) return second;
	return first - start >= 4 ? first : start;
}

/** Escaped quotes (`\"` inside `"…"`, and the next level of them) do not end the value; a line break does. */
function closingQuote(text: string, start: number, quote: string): number {
	const mark = quote.at(-1) ?? '"';
	const escapes = quote.length - 1;
	// Each level of escaping doubles the backslashes of the level inside of it.
	const period = 2 * (escapes + 1);
	let slashes = 0;
	for (let at = start; at < text.length; at++) {
		const character = text.charAt(at);
		if (character === '\n' || character === '\r') return at;
		if (character === mark && slashes % period === escapes) return at - escapes;
		slashes = character === '\\' ? slashes + 1 : 0;
	}
	return text.length;
}

function tokenEnd(text: string, from: number): number {
	let at = from;
	while (at < text.length && !/[\s"',;\\]/.test(text.charAt(at))) at++;
	return at;
}

/** `name=` begins here, with no more than 64 characters of a name. */
function isParameter(text: string, at: number): boolean {
	const head = text.slice(at, at + 65);
	const end = head.search(NAME_END);
	return end > 0 && head[end] === '=';
}

/** Behind the last of `name=value` pairs with a separator and blanks between them; values may be in quotes. */
function pairsEnd(text: string, start: number, separator: string): number {
	let end = start;
	for (let at = start; isPair(text, at, separator); ) {
		let value = at;
		while (value < text.length && text[value] !== '=' && !isBreak(text[value], separator)) value++;
		if (text[value] === '=') value++;
		if (text[value] === '"') {
			value = closingQuote(text, value + 1, '"') + 1;
		} else {
			while (value < text.length && !isBreak(text[value], separator)) value++;
		}
		end = Math.min(value, text.length);
		at = end;
		while (text[at] === ' ' || text[at] === '\t') at++;
		if (text[at] !== separator) break;
		at++;
		while (text[at] === ' ' || text[at] === '\t') at++;
	}
	return end;
}

/** A cookie has attributes without a value (`Secure`, `HttpOnly`), parameters have not. */
function isPair(text: string, at: number, separator: string): boolean {
	return (
		isParameter(text, at) ||
		(separator === ';' && /^(?:secure|httponly|partitioned)\b/i.test(text.slice(at, at + 12)))
	);
}

const isBreak = (character: string | undefined, separator: string): boolean =>
	character === undefined || character === separator || /[\s"'\\]/.test(character);
