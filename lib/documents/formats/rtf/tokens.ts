/** A control word with its number, a letter given by its byte, or text. */
export type RtfToken =
	| { readonly type: 'open' }
	| { readonly type: 'close' }
	| { readonly type: 'word'; readonly word: string; readonly value: number | undefined }
	| { readonly type: 'byte'; readonly byte: number }
	| { readonly type: 'text'; readonly text: string };

/** A control word (RTF specification 1.9.1): letters, a number, and a space that belongs to it. */
const WORD = /([a-zA-Z]{1,32})(-?\d{1,10})? ?/y;
const TEXT = /[^\\{}\r\n]+/y;

/** The tokens of an RTF file, given in Latin-1. Binary data (`\bin`) is passed over. */
export function* rtfTokens(data: string): Generator<RtfToken> {
	let at = 0;
	while (at < data.length) {
		const sign = data[at];
		if (sign === '{' || sign === '}') {
			at++;
			yield sign === '{' ? { type: 'open' } : { type: 'close' };
		} else if (sign === '\r' || sign === '\n') at++;
		else if (sign !== '\\') {
			TEXT.lastIndex = at;
			const text = TEXT.exec(data)?.[0] ?? '';
			at += Math.max(text.length, 1);
			yield { type: 'text', text };
		} else if (data[at + 1] === "'") {
			const byte = Number.parseInt(data.slice(at + 2, at + 4), 16);
			at += 4;
			if (!Number.isNaN(byte)) yield { type: 'byte', byte };
		} else {
			WORD.lastIndex = at + 1;
			const [whole, word, number] = WORD.exec(data) ?? [];
			if (whole === undefined || word === undefined) {
				yield* symbol(data[at + 1]);
				at += 2;
				continue;
			}
			at += 1 + whole.length;
			const value = number === undefined ? undefined : Number(number);
			if (word === 'bin') at += Math.max(value ?? 0, 0);
			else yield { type: 'word', word, value };
		}
	}
}

/** A backslash with a sign. */
function* symbol(sign = ''): Generator<RtfToken> {
	if (sign === '~') yield { type: 'text', text: ' ' };
	else if (sign === '_') yield { type: 'text', text: '-' };
	else if (sign === '\\' || sign === '{' || sign === '}') yield { type: 'text', text: sign };
	else if (sign === '*') yield { type: 'word', word: '*', value: undefined };
	else if (sign === '\n' || sign === '\r') yield { type: 'word', word: 'par', value: undefined };
}
