import fc from 'fast-check';

/** Texts of the kinds that break chunkers, mixed: each run draws several of them and joins them in any order. */
const pieces: Array<fc.Arbitrary<string>> = [
	fc.stringMatching(/^[a-z ,.!?]{0,60}$/),
	fc.lorem({ maxCount: 12 }),
	fc.constantFrom('\r\n', '\n', '\n\n', '\r', '\r\n\r\n', '\t', '   ', '\u2028', '\f'),
	fc.constantFrom('\ufeff', '\0', '\0\0', '\u200b', '\u00ad'),
	// NFD, stacked accents, and a mark behind a space and a line break.
	fc.constantFrom('e\u0301te\u0301', 'a\u0300\u0301\u0302\u0303', ' \u0301', '\n\u0308', 'o\u0302\u0323'),
	// Families, flags (odd and even), keycaps, skin tones, variation selectors.
	fc.constantFrom('👨‍👩‍👧‍👦', '👩🏽‍🚀👩🏽‍🚀', '🇩🇪🇫🇷🇯', '🇩🇪', '1️⃣2️⃣', '❤️‍🔥', '☎️©️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👍🏿'),
	fc.constantFrom('שלום עולם. ', 'مرحبا بالعالم؟ ', '\u202eabc\u202c', 'لُغَة'),
	fc.constantFrom(
		'漢字仮名交じり文です。',
		'今日は、良い天気ですね！「はい。」',
		'한국어 텍스트',
		'각각ᄀᆨᄒ',
		'が゙は゜',
	),
	fc.constantFrom('नमस्ते क्ष्म।', 'ไทยไม่มีช่องว่างน้ำ', 'தமிழ்நி', 'ក្រុម', '\u0600123\u06dd4'),
	fc.constantFrom('\ud800', '\udc00', '\udc00\ud800', 'a\ud83d', '\ude00b'),
	fc.base64String({ maxLength: 120 }),
	fc.constantFrom('a'.repeat(90), '[['.repeat(40), 'word '.repeat(20), ' '.repeat(40), '\n'.repeat(12)),
];

const markdownPieces: Array<fc.Arbitrary<string>> = [
	fc.constantFrom(
		'# One\n\n',
		'## Two\n',
		'### Three ###\n\n',
		'Title\n=====\n\n',
		'Sub\n---\n',
		'#hash\n',
		'###### six\r\n',
	),
	fc.constantFrom(
		'```js\nlet a = 1;\n\n// # no heading\n```\n',
		'~~~\ncode\n~~~\n\n',
		'```\nunclosed\n',
		'> ```\n> quoted\n> ```\n\n',
		'- ```sh\n  ls\n  ```\n',
	),
	fc.constantFrom(
		'| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 | 4 |\n| 5 | 6 |\n\n',
		'a|b\n-|-\n1|2\n',
		'| x |\r\n|---|\r\n| y |\r\n\r\n',
	),
	fc.constantFrom(
		'- one\n- two\n  - inner\n    more\n- three\n\n',
		'1. first\n2) second\n',
		'> > > deep\n> > > quote\n\n',
		'* * *\n\n',
	),
	fc.integer({ min: 1, max: 30 }).map((depth) => `${'> '.repeat(depth)}${'- '.repeat(depth)}nested\n`),
	fc.constantFrom('---\ntitle: x\n---\n', '---\nunclosed: front\n'),
];

export const anyText = fc.array(fc.oneof(...pieces), { maxLength: 25 }).map((parts) => parts.join(''));

export const markdownText = fc
	.array(
		fc.oneof(
			{ weight: 2, arbitrary: fc.oneof(...markdownPieces) },
			{ weight: 1, arbitrary: fc.oneof(...pieces) },
		),
		{ maxLength: 25 },
	)
	.map((parts) => parts.join(''));

export const sourceText = fc.oneof(anyText, markdownText);

/** A size from one character up, and an overlap below it. */
export const bounds = fc
	.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 200 }))
	.chain((size) =>
		fc.record({
			size: fc.constant(size),
			overlap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: size - 1 })),
		}),
	);

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Every grapheme boundary of the text, found the slow and sure way. */
export function graphemeBoundaries(text: string): Set<number> {
	const found = new Set([0, text.length]);
	for (const { index } of segmenter.segment(text)) found.add(index);
	return found;
}

/**
 * A tokenizer as ill-behaved as real ones: two special tokens, words in pieces of up to 4 characters, a run of spaces
 * one token less than its length, unbroken runs over 40 characters one unknown token. Neither additive nor monotone.
 */
export function countRough(text: string): number {
	let count = 2;
	for (const [run] of text.matchAll(/\s+|[^\s]+/g)) {
		if (/^\s/.test(run)) count += Math.max(0, run.length - 1);
		else count += run.length > 40 ? 1 : Math.ceil(run.length / 4);
	}
	return count;
}
