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

const SIGNS: ReadonlyArray<readonly [name: CodeLanguageName, sign: RegExp]> = [
	['html', /^\s*<(?:!doctype|html|\?xml|svg)\b/i],
	['php', /^\s*<\?php/],
	['json', /^\s*[[{]\s*(?:["[{]|$)/],
	['shell', /^#!.*\b(?:ba|z|k)?sh\b|^\s*(?:fi|done|esac)\s*$/m],
	[
		'python',
		/^#!.*python|^\s*(?:def|class|elif|except|for|while|if|with)\b[^{;]*:\s*(?:#.*)?$|^from \S+ import /m,
	],
	['ruby', /^\s*(?:def \w+[^:{]*$|require(?:_relative)? ['"])|^\s*end\s*$/m],
	['lua', /^\s*local (?:function )?\w+|^\s*--\[\[/m],
	['haskell', /^\w+ ::|^module [\w.]+.* where/m],
	['sql', /^\s*(?:select|insert|create|update|delete|with)\b[^{]*$/im],
	['rust', /^\s*(?:pub(?:\([a-z]+\))? )?(?:fn|impl|mod|trait) |^#\[/m],
	['go', /^(?:package \w+$|func )/m],
	['javascript', /^\s*(?:import .* from ['"]|export |const |let |function\b|async function)/m],
	['java', /^\s*(?:public |private |protected |package [\w.]+;|#include)/m],
	['yaml', /^[\w-]+:(?: .*)?$\n(?:^\s+[\w-]+:|^- )/m],
];
const LOOKED_AT = 8192;

/** The language of a source file as far as its first lines tell it; `java` stands for everything with braces. */
export function guessCodeLanguage(text: string): CodeLanguageName {
	const head = text.slice(0, LOOKED_AT);
	return SIGNS.find(([, sign]) => sign.test(head))?.[0] ?? 'java';
}
