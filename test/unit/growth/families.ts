/** Texts that slow down what reads them carelessly: each is repeated, and ends in what makes a pattern fail and try again. */
const UNITS: Readonly<Record<string, string>> = {
	letters: 'a',
	words: 'a b ',
	blanks: ' ',
	tabs: '\t',
	lineFeeds: '\n',
	carriageReturns: '\r',
	lineEnds: '\r\n',
	blankLines: '\n\t',
	slashes: '/',
	backslashes: '\\',
	quotes: '"',
	apostrophes: "a'",
	brackets: '[',
	bracketPairs: '[]',
	braces: '{',
	nestedObjects: '{"a":',
	nestedLists: '[[1],',
	parentheses: '(',
	tagsOpen: '<',
	tags: '<a>',
	endTags: '</b',
	comments: '<!--',
	fences: '```\t',
	backticks: '`a',
	cells: '|a\t',
	rules: '|-',
	headings: '# a\n',
	lists: '- 1. ',
	numbers: '1.1.1.',
	digits: '0',
	marks: '[1,',
	fullMarks: '【1†',
	sentences: 'a. ',
	mails: 'a.a@a.',
	webTokens: '-eyJaaaaaaaa',
	keys: 'APIKEY:E',
	authorizations: 'Authorization: Digest a="',
	privateKeys: '-----BEGIN PRIVATE KEY-----',
	urls: '://a:a',
	sources: '[0] source: \r',
	accents: 'e\u0301\u0301',
	families: '\u{1F468}\u200D\u{1F469}\u200D',
	halves: '\ud800',
	ideographs: '你。',
	pythons: 'with :#\n',
	escapes: '%20&amp;',
	phones: '+1 (1) 1-',
	addresses: '1:1::',
	thoughts: '<think>a',
	frontMatter: '---\ntitle: ',
};

/** What stands before a run that has no end: a pattern that looks for what closes it goes through the run from each place of it. */
const BEGINNINGS: Readonly<Record<string, readonly [beginning: string, unit: string]>> = {
	fenceOpen: ['```json ', '\t'],
	cellOpen: ['|a', '\t'],
	sourceOpen: ['[0] source: ', '\r'],
	headingOpen: ['a\n# ', ' '],
	stringOpen: ['{"a":"', '\\"'],
};

export const FAMILIES = [...Object.keys(UNITS), ...Object.keys(BEGINNINGS)];

/** A text of `length` characters of one family; the last ones fit no repetition. */
export function hostileText(family: string, length: number): string {
	const [beginning, unit] = BEGINNINGS[family] ?? ['', UNITS[family] ?? 'a'];
	const end = '\0!x';
	const run = beginning + unit.repeat(Math.ceil(length / unit.length));
	return run.slice(0, Math.max(0, length - end.length)) + end;
}
