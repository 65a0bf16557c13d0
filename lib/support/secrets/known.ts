/** Values that are words of every text: as a header ("x-cache: true") they are no secret, and taking them out would spoil the text. */
const PLAIN_WORDS = new Set('true false null none yes no on off json n8n gzip utf-8 default'.split(' '));
/** A shorter one protects nothing, and is found everywhere. */
const SHORTEST = 3;
/** From this length on a secret is replaced wherever it stands; a shorter one only where it is a word of its own. */
const LONG = 8;
/** Length from which parts of a base64 text are told apart from chance. */
const LONG_ENCODED = 8;

/** A form in which a secret may turn up. */
interface Form {
	readonly text: string;
	readonly whole: boolean;
}

/**
 * The forms of the secrets: as they are, escaped in JSON (once and twice), percent-encoded (both cases of the hexadecimal digits,
 * and with `+` for a blank), and in base64 at each of the three places that a longer text can give them ("user:key").
 */
export function formsOf(secrets: readonly string[]): Form[] {
	const forms = new Map<string, boolean>();
	for (const secret of secrets) {
		if (secret.length < SHORTEST || PLAIN_WORDS.has(secret.toLowerCase())) continue;
		const whole = secret.length < LONG;
		for (const text of spellings(secret)) forms.set(text, (forms.get(text) ?? true) && whole);
		for (const text of inBase64(secret)) if (text.length >= LONG_ENCODED) forms.set(text, false);
	}
	return [...forms].map(([text, whole]) => ({ text, whole })).sort((a, b) => b.text.length - a.text.length);
}

function spellings(secret: string): string[] {
	const escaped = JSON.stringify(secret).slice(1, -1);
	const encoded = encodeURIComponent(secret.toWellFormed());
	return [
		secret,
		escaped,
		JSON.stringify(escaped).slice(1, -1),
		// Some write these two as \\u0026 and \\/ (PHP, Go).
		escaped.replaceAll('/', '\\/'),
		escaped.replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'),
		encoded,
		lowerEscapes(encoded),
		encoded.replaceAll('%20', '+'),
		encodeURI(secret.toWellFormed()),
		new URLSearchParams([['', secret]]).toString().slice(1),
	];
}

const lowerEscapes = (encoded: string): string =>
	encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/** What is the same in base64 whatever stands before and behind the secret, at each of the three alignments. */
function inBase64(secret: string): string[] {
	const bytes = Buffer.from(secret, 'utf8');
	return [0, 1, 2].flatMap((before) => {
		const encoded = Buffer.concat([Buffer.alloc(before), bytes])
			.toString('base64')
			.replaceAll('=', '');
		const start = before === 0 ? 0 : before + 1;
		const rest = (before + bytes.length) % 3;
		const standard = encoded.slice(start, rest === 0 ? undefined : -1);
		return [standard, standard.replaceAll('+', '-').replaceAll('/', '_')];
	});
}

/** The text with each form replaced; linear in the text for a fixed list of secrets. */
export function withoutForms(text: string, forms: readonly Form[], mark: string): string {
	let result = text;
	for (const { text: form, whole } of forms) {
		if (!result.includes(form)) continue;
		result = whole ? replaceWords(result, form, mark) : result.replaceAll(form, mark);
	}
	return result;
}

function replaceWords(text: string, word: string, mark: string): string {
	let result = '';
	let copied = 0;
	for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
		const end = at + word.length;
		if (isWordUnit(text.charCodeAt(at - 1)) || isWordUnit(text.charCodeAt(end))) continue;
		result += text.slice(copied, at) + mark;
		copied = end;
	}
	return copied === 0 ? text : result + text.slice(copied);
}

/** Letters, digits and what is beyond ASCII; NaN at the ends of the text is none. */
const isWordUnit = (unit: number): boolean =>
	(unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122) || unit > 127;

/** What is secret in the value of a header: all of it, and what stands behind its scheme ("Bearer …"). */
export function partsOfHeader(value: string): string[] {
	const blank = value.trim().indexOf(' ');
	return blank === -1
		? [value.trim()]
		: [
				value.trim(),
				value
					.trim()
					.slice(blank + 1)
					.trim(),
			];
}
