import type { CodeLanguageName } from './codeLanguages';

const BRACES = [
	'\nnamespace ',
	'\nclass ',
	'\npublic ',
	'\nprotected ',
	'\nprivate ',
	'\nstatic ',
	'\nvoid ',
];
const SCRIPT = ['\nexport ', '\nclass ', '\nfunction ', '\ninterface ', '\nconst ', '\nlet '];
const ENDS = ['\nmodule ', '\nclass ', '\ndef ', '\nfunction ', '\nlocal function ', '\nsub '];

/**
 * What `recursive` looks for first in a text of a known language, the strongest first. The method `code` knows nesting
 * and is the better choice for source files; this is for mixed texts and for people who come from other splitters.
 */
const SEPARATORS: { readonly [language in CodeLanguageName | 'markdown' | 'latex']?: readonly string[] } = {
	markdown: ['\n# ', '\n## ', '\n### ', '\n#### ', '\n##### ', '\n###### ', '\n```', '\n---\n', '\n***\n'],
	latex: ['\n\\chapter{', '\n\\section{', '\n\\subsection{', '\n\\subsubsection{', '\n\\begin{', '\n\\item'],
	html: [
		'\n<body',
		'\n<section',
		'\n<article',
		'\n<h1',
		'\n<h2',
		'\n<h3',
		'\n<table',
		'\n<div',
		'\n<p',
		'\n<li',
		'\n<tr',
	],
	python: ['\nclass ', '\ndef ', '\nasync def ', '\n    def ', '\n\tdef '],
	javascript: SCRIPT,
	typescript: SCRIPT,
	go: ['\nfunc ', '\ntype ', '\nvar ', '\nconst '],
	rust: ['\nmod ', '\nimpl ', '\ntrait ', '\nfn ', '\npub ', '\nconst '],
	c: BRACES,
	cpp: BRACES,
	csharp: BRACES,
	java: BRACES,
	kotlin: ['\nclass ', '\nfun ', '\nval ', '\nvar '],
	scala: ['\nobject ', '\nclass ', '\ndef ', '\nval '],
	swift: ['\nclass ', '\nstruct ', '\nenum ', '\nfunc '],
	php: ['\nclass ', '\nfunction ', '\npublic ', '\nprivate '],
	ruby: ENDS,
	lua: ENDS,
	perl: ENDS,
	elixir: ['\ndefmodule ', '\n  def ', '\n  defp '],
	sql: ['\nCREATE ', '\nINSERT ', '\nUPDATE ', '\nDELETE ', '\nSELECT ', '\nWITH '],
	haskell: ['\nmodule ', '\nclass ', '\ninstance ', '\ndata ', '\ntype '],
};

/** The separators of a language; none for those whose lines and indentation say it all. */
export function separatorsFor(language: CodeLanguageName | 'markdown' | 'latex'): readonly string[] {
	return SEPARATORS[language] ?? [];
}

/** How much of a separator stays with the text before it: all of it, but only the line break of "\nclass ". */
export function keptBefore(separator: string): number {
	const white = separator.length - separator.trimStart().length;
	return white > 0 && white < separator.length
		? separator.lastIndexOf('\n', white) + 1 || white
		: separator.length;
}
