import { headerValueEnd } from './headerValues';

/** A place of a text that holds a secret. */
export interface Place {
	readonly start: number;
	readonly end: number;
}

/** Finds the places of one shape, in order and apart from each other, in time that grows with the length of the text. */
export type Shape = (text: string) => Place[];

type Units = Uint8Array;

/** Which ASCII units a class of characters has. */
function units(characters: string): Units {
	const table = new Uint8Array(128);
	for (const range of characters.split(' ')) {
		const [from = '', to = from] = range.length === 3 && range[1] === '-' ? [range[0], range[2]] : [];
		if (from !== '') for (let unit = from.charCodeAt(0); unit <= to.charCodeAt(0); unit++) table[unit] = 1;
		else for (const character of range) table[character.charCodeAt(0)] = 1;
	}
	return table;
}

const WORD = units('A-Z a-z 0-9 _');
const WORD_OR_DASH = units('A-Z a-z 0-9 _-');
const ALPHANUMERIC = units('A-Z a-z 0-9');
const CAPITALS = units('A-Z 0-9');
const BEARER = units('A-Z a-z 0-9 ._~+/=-');
const BASE64 = units('A-Z a-z 0-9 +/=');

function runEnd(text: string, from: number, table: Units): number {
	let at = from;
	while (at < text.length && table[text.charCodeAt(at)] === 1) at++;
	return at;
}

const startsWord = (text: string, at: number): boolean => WORD[text.charCodeAt(at - 1)] !== 1;

/**
 * Tokens that begin with a prefix: `least` to `most` units of a class behind it. A token that is too short is passed over whole:
 * a later prefix inside of it would have less behind it still.
 */
function tokens(prefix: string, table: Units, least: number, keepPrefix = false): Shape {
	return (text) => {
		const places: Place[] = [];
		for (let at = text.indexOf(prefix); at !== -1; ) {
			const begin = at + prefix.length;
			if (!startsWord(text, at)) {
				at = text.indexOf(prefix, begin);
				continue;
			}
			const end = runEnd(text, begin, table);
			if (end - begin >= least) places.push({ start: keepPrefix ? begin : at, end });
			at = text.indexOf(prefix, Math.max(end, begin));
		}
		return places;
	};
}

/** Of a known length: a longer run is something else. */
function exact(prefix: string, table: Units, length: number): Shape {
	const find = tokens(prefix, table, length);
	return (text) => find(text).filter(({ start, end }) => end - start === prefix.length + length);
}

function anyOf(...shapes: readonly Shape[]): Shape {
	return (text) =>
		shapes
			.flatMap((shape) => shape(text))
			.sort((a, b) => a.start - b.start)
			.filter((place, i, all) => i === 0 || place.start >= (all[i - 1]?.end ?? 0));
}

const KEY_BEGIN = '-----BEGIN ';
const KEY_NAME = 'PRIVATE KEY-----';
const KEY_END = '-----END ';

/** PEM (RFC 7468); one that breaks off is a secret to the end of the text. */
const privateKey: Shape = (text) => {
	const places: Place[] = [];
	for (let at = text.indexOf(KEY_BEGIN); at !== -1; ) {
		const name = text.slice(at, at + 60).indexOf(KEY_NAME);
		if (name === -1) {
			at = text.indexOf(KEY_BEGIN, at + KEY_BEGIN.length);
			continue;
		}
		const last = text.indexOf(KEY_END, at);
		const dashes = last === -1 ? -1 : text.indexOf('-----', last + KEY_END.length);
		const end = dashes === -1 ? text.length : dashes + 5;
		places.push({ start: at, end });
		at = text.indexOf(KEY_BEGIN, end);
	}
	return places;
};

/** JSON Web Tokens (RFC 7519): three parts of base64url, the first two of them JSON objects. */
const jsonWebToken: Shape = (text) => {
	const places: Place[] = [];
	for (let at = text.indexOf('eyJ'); at !== -1; ) {
		const header = runEnd(text, at, WORD_OR_DASH);
		const payload = runEnd(text, header + 1, WORD_OR_DASH);
		const signature = runEnd(text, payload + 1, WORD_OR_DASH);
		const whole =
			startsWord(text, at) &&
			header - at >= 11 &&
			text.startsWith('.eyJ', header) &&
			payload - header >= 12 &&
			text[payload] === '.';
		if (whole) places.push({ start: at, end: signature });
		// Later beginnings in the same run have the same parts behind them.
		at = text.indexOf('eyJ', whole ? signature : startsWord(text, at) ? header : at + 3);
	}
	return places;
};

/** The password of `scheme://user:password@host`. */
const urlPassword: Shape = (text) => {
	const places: Place[] = [];
	for (let at = text.indexOf('://'); at !== -1; ) {
		let end = at + 3;
		while (end < text.length && !/[\s:/@]/.test(text.charAt(end))) end++;
		if (text[end] === ':') {
			const start = end + 1;
			end = start;
			while (end < text.length && !/[\s/@]/.test(text.charAt(end))) end++;
			if (text[end] === '@' && end > start) places.push({ start, end });
		}
		at = text.indexOf('://', end);
	}
	return places;
};

const HEADER_NAMES = /(?:proxy-)?authorization|(?:set-)?cookie/gi;
const KEY_NAMES =
	/(?:x-)?api[-_]?key|(?:x-)?auth[-_]?token|(?:access|refresh|id|session)[-_]?token|client[-_]?secret|x-amz-(?:signature|credential|security-token)|password|passwd/gi;
/** How many blanks and marks may stand between a name and its value. */
const MOST_BETWEEN = 16;

/** Where the value of a name begins, and what closes it: `name: value`, `"name": "value"`, `name=value`, escaped or not. */
function valueStart(text: string, from: number): { start: number; quote: string } | undefined {
	const between = /^\\*["']?\s{0,4}[:=]\s{0,4}/.exec(text.slice(from, from + MOST_BETWEEN));
	if (between === null) return undefined;
	const start = from + between[0].length;
	const opening = /^\\{0,4}["']/.exec(text.slice(start, start + 5))?.[0] ?? '';
	return { start: start + opening.length, quote: opening };
}

/** The values of authorization and cookie headers, with all of their parameters and pairs. */
const headers: Shape = (text) => {
	const places: Place[] = [];
	for (const { 0: name, index } of text.matchAll(HEADER_NAMES)) {
		if (index < (places.at(-1)?.end ?? 0)) continue;
		const value = valueStart(text, index + name.length);
		if (value === undefined) continue;
		const end = headerValueEnd(text, value.start, value.quote, name.toLowerCase().endsWith('cookie'));
		if (end > value.start) places.push({ start: value.start, end });
	}
	return places;
};

/** A value of a key's name has a digit, so that `apiKey: string` in a text about code stays. */
const namedKeys: Shape = (text) => {
	const places: Place[] = [];
	let passed = 0;
	for (const { 0: name, index } of text.matchAll(KEY_NAMES)) {
		if (index < passed) continue;
		const value = valueStart(text, index + name.length);
		if (value === undefined) continue;
		let end = value.start;
		let hasDigit = false;
		for (; end < text.length && !/[\s"',;\\&]/.test(text.charAt(end)); end++) {
			hasDigit ||= /\d/.test(text.charAt(end));
		}
		// A later name in the same run has the same end and no digit either.
		passed = end;
		if (hasDigit && end - value.start >= 8) places.push({ start: value.start, end });
	}
	return places;
};

/** `Digest username="…", response="…"` and AWS's signature (version 4) without the name of the header before them. */
const parameters: Shape = (text) => {
	const places: Place[] = [];
	for (const { 0: scheme, index } of text.matchAll(
		/\b(?:Digest (?=username=)|AWS4-HMAC-SHA256 (?=Credential=))/gi,
	)) {
		if (index < (places.at(-1)?.end ?? 0)) continue;
		const start = index + scheme.length;
		places.push({ start, end: headerValueEnd(text, index, '', false) });
	}
	return places.filter(({ start, end }) => end > start);
};

/**
 * Shapes of credentials, taken from their issuers' documentation; by name, so that each can be tested alone. Not by one pattern:
 * those took the square of the length of a hostile text.
 */
export const SHAPES: { readonly [name: string]: Shape } = {
	privateKey,
	headers,
	namedKeys,
	parameters,
	bearer: anyOf(...['Bearer ', 'bearer ', 'BEARER '].map((prefix) => tokens(prefix, BEARER, 8, true))),
	basic: tokens('Basic ', BASE64, 12, true),
	openAi: tokens('sk-', WORD_OR_DASH, 16),
	gitHub: anyOf(
		...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => tokens(prefix, ALPHANUMERIC, 30)),
		tokens('github_pat_', WORD, 30),
	),
	gitLab: tokens('glpat-', WORD_OR_DASH, 20),
	huggingFace: tokens('hf_', ALPHANUMERIC, 20),
	stripe: anyOf(
		...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((prefix) => tokens(prefix, ALPHANUMERIC, 16)),
	),
	aws: anyOf(exact('AKIA', CAPITALS, 16), exact('ASIA', CAPITALS, 16)),
	google: tokens('AIza', WORD_OR_DASH, 35),
	slack: anyOf(
		...['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-'].map((prefix) =>
			tokens(prefix, WORD_OR_DASH, 10),
		),
	),
	jsonWebToken,
	urlPassword,
};
