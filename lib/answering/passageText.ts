/** What a model is told about a passage, besides its number and text. */
export interface PassagePlace {
	readonly source: string;
	readonly title?: string;
	readonly [detail: string]: unknown;
}

/**
 * A passage as a model reads it: one line of JSON. Nothing that stands in the text can look like the next passage, because line breaks and
 * quotes in it are escaped; and marks like "[2]" in it, which an answer would repeat as a citation of another document, become "(2)".
 *
 * @example passageLine(1, { source: 'keys.md' }, 'The key') // {"number":1,"source":"keys.md","text":"The key"}
 */
export function passageLine(number: number, place: PassagePlace, text: string): string {
	return JSON.stringify({ number, ...place, text: withoutMarks(text) });
}

/** The text with its own citation marks ("[2]", "[^2]", "【2】", lists of them) in round brackets. */
export function withoutMarks(text: string): string {
	let result = '';
	let copied = 0;
	for (let at = 0; at < text.length; at++) {
		const close = CLOSING[text.charAt(at)];
		if (close === undefined) continue;
		const inside = /^[\^\d][\d\s,;^–-]{0,100}/.exec(text.slice(at + 1, at + 102))?.[0];
		if (inside === undefined) continue;
		const end = at + 1 + inside.length;
		// 【2†source】 goes on behind the number; what stands there does not matter, the opening bracket is gone.
		if (text[end] !== close && close === ']') continue;
		result += `${text.slice(copied, at)}(${inside}`;
		copied = end;
		if (text[end] === close) {
			result += ')';
			copied = end + 1;
		}
		at = copied - 1;
	}
	return result + text.slice(copied);
}

const CLOSING: { readonly [open: string]: string } = { '[': ']', '【': '】' };
