/** What the code splitter has to know of a language: where strings and comments are, so that brackets in them don't count. */
export interface CodeLanguage {
	readonly lineComments: readonly string[];
	readonly blockComment?: readonly [open: string, close: string];
	/** One-line strings with backslash escapes. */
	readonly quotes: string;
	/** `'x'` is one character (and a lone `'` is none: lifetimes, digit separators). */
	readonly characterQuote?: boolean;
	/** Strings over several lines, with the same mark at both ends. */
	readonly longQuotes: readonly string[];
}

const SLASHES = { lineComments: ['//'], blockComment: ['/*', '*/'] } as const;
const C: CodeLanguage = { ...SLASHES, quotes: '"', characterQuote: true, longQuotes: ['"""'] };
const SCRIPT: CodeLanguage = { ...SLASHES, quotes: '"\'', longQuotes: ['`'] };
const HASH: CodeLanguage = { lineComments: ['#'], quotes: '"\'', longQuotes: [] };

export const CODE_LANGUAGES = {
	c: C,
	cpp: C,
	csharp: C,
	java: C,
	kotlin: C,
	scala: C,
	swift: C,
	rust: C,
	zig: { ...C, longQuotes: [] },
	dart: { ...SCRIPT, longQuotes: ['"""', "'''"] },
	go: { ...C, longQuotes: ['`'] },
	javascript: SCRIPT,
	typescript: SCRIPT,
	css: { ...SCRIPT, lineComments: [], longQuotes: [] },
	php: { ...SCRIPT, lineComments: ['//', '#'], longQuotes: [] },
	python: { lineComments: ['#'], quotes: '"\'', longQuotes: ['"""', "'''"] },
	ruby: HASH,
	perl: HASH,
	r: HASH,
	elixir: { ...HASH, longQuotes: ['"""'] },
	shell: HASH,
	yaml: HASH,
	toml: { ...HASH, longQuotes: ['"""', "'''"] },
	sql: { lineComments: ['--'], blockComment: ['/*', '*/'], quotes: '"\'', longQuotes: [] },
	lua: { lineComments: ['--'], blockComment: ['--[[', ']]'], quotes: '"\'', longQuotes: [] },
	haskell: {
		lineComments: ['--'],
		blockComment: ['{-', '-}'],
		quotes: '"',
		characterQuote: true,
		longQuotes: [],
	},
	html: { lineComments: [], blockComment: ['<!--', '-->'], quotes: '', longQuotes: [] },
	json: { lineComments: [], quotes: '"', longQuotes: [] },
} as const satisfies Record<string, CodeLanguage>;

export type CodeLanguageName = keyof typeof CODE_LANGUAGES;

export const CODE_LANGUAGE_NAMES = Object.keys(CODE_LANGUAGES).filter(
	(name): name is CodeLanguageName => name in CODE_LANGUAGES,
);

/** Signs at the beginning of a file, without the white space before it. */
const BEGINNINGS: ReadonlyArray<readonly [name: CodeLanguageName, sign: RegExp]> = [
	['html', /^<(?:!doctype|html|\?xml|svg)\b/i],
	['php', /^<\?php/],
	['json', /^[[{]\s*(?:["[{]|$)/],
];

type SeenLine = (line: string, word: string) => boolean;

/** Signs in one line; `word` is the line without the white space around it. The first language with a sign is it. */
const SIGNS: ReadonlyArray<readonly [name: CodeLanguageName, sign: SeenLine]> = [
	[
		'shell',
		(line, word) => /^(?:fi|done|esac)$/.test(word) || (isScript(line) && /\b(?:ba|z|k)?sh\b/.test(line)),
	],
	[
		'python',
		(line, word) =>
			(isScript(line) && line.includes('python')) || /^from \S+ import /.test(line) || opensBlock(word),
	],
	['ruby', (_, word) => /^def \w[^:{]*$|^require(?:_relative)? ['"]|^end$/.test(word)],
	['lua', (_, word) => /^local (?:function )?\w|^--\[\[/.test(word)],
	['haskell', (line) => /^\w+ ::/.test(line) || (/^module [\w.]/.test(line) && line.includes(' where'))],
	['sql', (_, word) => /^(?:select|insert|create|update|delete|with)\b/i.test(word) && !word.includes('{')],
	[
		'rust',
		(line, word) => line.startsWith('#[') || /^(?:pub(?:\([a-z]+\))? )?(?:fn|impl|mod|trait) /.test(word),
	],
	['go', (line) => /^(?:package \w+$|func )/.test(line)],
	[
		'javascript',
		(_, word) => /^(?:export |const |let |function\b|async function)/.test(word) || importsFrom(word),
	],
	['java', (_, word) => /^(?:public |private |protected |package [\w.]+;|#include)/.test(word)],
];
const LOOKED_AT = 8192;

/** The language of a source file as far as its first lines tell it; `java` stands for everything with braces. */
export function guessCodeLanguage(text: string): CodeLanguageName {
	const head = text.slice(0, LOOKED_AT);
	const start = head.trimStart();
	const begun = BEGINNINGS.find(([, sign]) => sign.test(start))?.[0];
	if (begun !== undefined) return begun;
	const lines = head
		.split(/[\n\r\u2028\u2029]/)
		.map((line) => [line, line.trim()] as const)
		.filter(([, word]) => word !== '');
	const found = SIGNS.find(([, sign]) => lines.some(([line, word]) => sign(line, word)))?.[0];
	return found ?? (lines.some((_, at) => isYamlKey(lines, at)) ? 'yaml' : 'java');
}

const isScript = (line: string): boolean => line.startsWith('#!');

const importsFrom = (word: string): boolean =>
	word.startsWith('import ') && (word.includes(" from '") || word.includes(' from "'));

/** A line of Python that ends in a colon, or in a colon and a comment. */
function opensBlock(word: string): boolean {
	if (!/^(?:def|class|elif|except|for|while|if|with)\b/.test(word)) return false;
	const comment = word.indexOf('#');
	const code = (comment === -1 ? word : word.slice(0, comment)).trimEnd();
	return code.endsWith(':') && !/[{;]/.test(code);
}

/** A key, and below it a deeper key or the item of a list. */
function isYamlKey(lines: ReadonlyArray<readonly [line: string, word: string]>, at: number): boolean {
	const [line = ''] = lines[at] ?? [];
	const [below = '', word = ''] = lines[at + 1] ?? [];
	const isKey = /^[\w-]+:(?: |$)/.test(line);
	return isKey && (below.startsWith('- ') || (below !== word && /^\s/.test(below) && /^[\w-]+:/.test(word)));
}
